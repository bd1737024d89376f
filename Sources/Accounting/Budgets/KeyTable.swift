/// Which places have a key: a table of the first of each key, and all of a key side by side.
///
/// It takes some 20 bytes a place, and one look at it touches two or three lines of memory.
struct KeyTable: Sendable {
    /// The keys in ascending order and the place that has each; of one key in the order they were given.
    private let keys: [UInt64]
    private let places: [UInt32]
    /// For the low bits of a key where in `keys` its first one may be, plus one; 0 ends the search.
    private let firsts: [UInt32]

    /// `keys` by place.
    init(_ keys: [UInt64]) {
        let order = keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
        self.keys = order.map { keys[$0] }
        places = order.map { UInt32($0) }
        var size = 4
        while size < keys.count * 2 { size *= 2 }
        var firsts = [UInt32](repeating: 0, count: size)
        for index in order.indices where index == 0 || self.keys[index - 1] != self.keys[index] {
            var slot = Int(truncatingIfNeeded: self.keys[index]) & (size - 1)
            while firsts[slot] != 0 { slot = (slot + 1) & (size - 1) }
            firsts[slot] = UInt32(index + 1)
        }
        self.firsts = firsts
    }

    /// Where the places of `key` stand, for the subscript.
    func range(of key: UInt64) -> Range<Int> {
        var slot = Int(truncatingIfNeeded: key) & (firsts.count - 1)
        while firsts[slot] != 0 {
            let first = Int(firsts[slot]) - 1
            if keys[first] == key {
                var end = first + 1
                while end < keys.count, keys[end] == key { end += 1 }
                return first..<end
            }
            slot = (slot + 1) & (firsts.count - 1)
        }
        return 0..<0
    }

    subscript(index: Int) -> Int { Int(places[index]) }
}
