/// Rows by their keys. The table notes which rows are written, so that the checks need not look at all of them.
struct Table<Key: Hashable, Value>: Sequence {
    private var rows: [Key: Value] = [:]
    /// The keys that were written since they were last taken; some more than once.
    private var written: [Key] = []

    subscript(key: Key) -> Value? {
        get { rows[key] }
        _modify {
            written.append(key)
            yield &rows[key]
        }
    }

    var keys: Dictionary<Key, Value>.Keys { rows.keys }
    var values: Dictionary<Key, Value>.Values { rows.values }
    var count: Int { rows.count }

    func makeIterator() -> Dictionary<Key, Value>.Iterator { rows.makeIterator() }

    mutating func takeWritten() -> [Key] {
        defer { written.removeAll(keepingCapacity: true) }
        return written
    }
}
