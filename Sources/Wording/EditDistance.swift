/// How many letters must be added, removed or replaced to make one word of another (Levenshtein).
package enum EditDistance {
    package static func between(_ one: String, _ other: String) -> Int {
        let letters = Array(other)
        var distances = Array(0...letters.count)
        for (row, letter) in one.enumerated() {
            var diagonal = distances[0]
            distances[0] = row + 1
            for column in letters.indices {
                let replaced = diagonal + (letter == letters[column] ? 0 : 1)
                diagonal = distances[column + 1]
                distances[column + 1] = min(replaced, diagonal + 1, distances[column] + 1)
            }
        }
        return distances[letters.count]
    }

    /// The word that was probably meant; nil where none is as near as that.
    package static func nearest(to word: String, among known: [String], atMost maximum: Int) -> String? {
        let distances = known.map { (word: $0, distance: between(word, $0)) }
        return distances.filter { $0.distance <= maximum }.min { $0.distance < $1.distance }?.word
    }
}
