/// Numbers texts in the order in which they first come, so that a page of the verdict log says each in full only once.
struct NameNumbers: Sendable {
    private(set) var names: [String] = []
    /// By hash. If another text already has that hash, by the next free number.
    private var places = PlaceTable()

    /// The number of `name`, and whether it is a new one.
    mutating func number(of name: String) -> (number: Int, isNew: Bool) {
        var hash = QuickHash(name).value
        while let place = places[hash] {
            if names[place] == name { return (place, false) }
            hash &+= 1
        }
        places[hash] = names.count
        names.append(name)
        return (names.count - 1, true)
    }
}
