/// Finds the places that have a key. A hash table points to the first entry of each key; all entries of a key are
/// adjacent.
///
/// The table takes some 20 bytes a place, and one lookup touches two or three cache lines.
struct KeyTable: Sendable {
    /// The keys in ascending order, and the place of each. Places with the same key are in the order they were given.
    private let keys: [UInt64]
    private let places: [UInt32]
    /// A hash table by the low bits of the key. Each slot has the index in `keys` of a key's first entry, plus one; 0
    /// ends the search.
    private let firsts: [UInt32]

    /// `keys` lists the key of each place.
    init(_ keys: [UInt64]) {
        let order = keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
        self.init(sorted: order.map { keys[$0] }, places: order.map { UInt32($0) })
    }

    /// - Parameter keys: in ascending order.
    private init(sorted keys: [UInt64], places: [UInt32]) {
        self.keys = keys
        self.places = places
        var size = 4
        while size < keys.count * 2 { size *= 2 }
        var firsts = [UInt32](repeating: 0, count: size)
        for index in keys.indices where index == 0 || keys[index - 1] != keys[index] {
            var slot = Int(truncatingIfNeeded: keys[index]) & (size - 1)
            while firsts[slot] != 0 { slot = (slot + 1) & (size - 1) }
            firsts[slot] = UInt32(index + 1)
        }
        self.firsts = firsts
    }

    /// The table with further places, whose keys these are. It sorts only the new keys.
    func appending(_ added: [UInt64]) -> KeyTable {
        let order = added.indices.sorted { (added[$0], $0) < (added[$1], $1) }
        var (merged, mergedPlaces): ([UInt64], [UInt32]) = ([], [])
        merged.reserveCapacity(keys.count + added.count)
        mergedPlaces.reserveCapacity(keys.count + added.count)
        var old = 0
        for new in order {
            while old < keys.count, keys[old] <= added[new] {
                merged.append(keys[old])
                mergedPlaces.append(places[old])
                old += 1
            }
            merged.append(added[new])
            mergedPlaces.append(UInt32(keys.count + new))
        }
        merged += keys[old...]
        mergedPlaces += places[old...]
        return KeyTable(sorted: merged, places: mergedPlaces)
    }

    /// The indexes at which the subscript returns the places of `key`.
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
