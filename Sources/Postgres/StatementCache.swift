/// The prepared statements of one connection, by text and parameter types.
struct StatementCache {
    struct Key: Hashable {
        let text: String
        let types: [UInt32]
    }

    private struct Entry {
        let name: String
        var lastUse: Int
    }

    let capacity: Int
    private var entries: [Key: Entry] = [:]
    private var uses = 0
    private var names = 0

    init(capacity: Int) { self.capacity = capacity }

    var count: Int { entries.count }

    /// The name of a prepared statement; marks the statement as just used. Nil if it is not prepared.
    mutating func name(for key: Key) -> String? {
        uses += 1
        entries[key]?.lastUse = uses
        return entries[key]?.name
    }

    /// A new name for a statement about to be prepared. Names are never used twice.
    mutating func insert(_ key: Key) -> String {
        names += 1
        uses += 1
        let name = "purser_\(names)"
        entries[key] = Entry(name: name, lastUse: uses)
        return name
    }

    mutating func remove(_ key: Key) { entries[key] = nil }

    /// Removes the least recently used statement, if there is one too many, and returns its name.
    mutating func evict() -> String? {
        guard entries.count > capacity, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) else {
            return nil
        }
        entries[oldest.key] = nil
        return oldest.value.name
    }
}
