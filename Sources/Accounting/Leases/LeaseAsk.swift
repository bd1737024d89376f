/// What the engine needs from PostgreSQL before it can decide a call.
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
    /// One list for each model of the ladder, best first. If not all needs of a list can be met, the next list is
    /// tried.
    package var alternatives: [[Need]] = []
    /// The model of each alternative.
    package var models: [ModelName] = []
    /// Whether the call only wants to know. Nothing is then granted, and no lease is revoked.
    package var isDryRun = false
    /// By window, the revocation of idle leases that must be answered before this ask may be turned down: the first one
    /// that began after the ask.
    package var revocations: [Int64: Int64] = [:]

    package init(opens: [WindowKey] = [], alternatives: [[Need]] = []) {
        self.opens = opens
        self.alternatives = alternatives
    }
}
