/// What is known of tokens, by their text: at most `limit` of them. Those that nobody asks for are forgotten first.
///
/// It has two halves. When the newer one is full, the older one is forgotten, and the newer one becomes the older.
struct TokenMemory<Value> {
    private let limit: Int
    private var newer: [String: Value] = [:]
    private var older: [String: Value] = [:]

    init(limit: Int) { self.limit = limit }

    var values: [Value] { Array(newer.values) + Array(older.values) }

    subscript(text: String) -> Value? {
        mutating get {
            if let value = newer[text] { return value }
            guard let value = older.removeValue(forKey: text) else { return nil }
            self[text] = value
            return value
        }
        set {
            older[text] = nil
            newer[text] = newValue
            guard newer.count >= limit / 2 else { return }
            older = newer
            newer = [:]
        }
    }
}
