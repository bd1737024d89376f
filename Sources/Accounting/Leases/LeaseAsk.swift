/// What the desk must hear from PostgreSQL before it can judge a call.
package struct LeaseAsk: Sendable {
    /// An amount that must be free in this replica's lease of a window.
    package struct Need: Hashable, Sendable {
        package let windowID: Int64
        package let amount: Int64
        package let holdSeconds: Int64

        package init(windowID: Int64, amount: Int64, holdSeconds: Int64) {
            self.windowID = windowID
            self.amount = amount
            self.holdSeconds = holdSeconds
        }
    }

    /// Windows this replica has not seen yet.
    package var opens: [WindowKey] = []
    /// One list a model of the ladder, best first: all needs of a list, or the next list.
    package var alternatives: [[Need]] = []
    /// The model of each alternative.
    package var models: [ModelName] = []
    /// By window, the recall of idle leases that must have been answered before this ask is turned down: the first that
    /// began after the ask did.
    package var recalls: [Int64: Int64] = [:]

    package init(opens: [WindowKey] = [], alternatives: [[Need]] = []) {
        self.opens = opens
        self.alternatives = alternatives
    }
}
