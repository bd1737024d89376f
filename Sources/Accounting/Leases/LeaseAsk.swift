/// What the engine needs from PostgreSQL before it can decide a call.
package struct LeaseAsk: Sendable {
    /// An amount that must be free in this replica's lease of a window.
    package struct Need: Hashable, Sendable {
        package let windowID: Int64
        /// The least with which the call can be admitted.
        package let amount: Int64
        /// What the call needs in full. It is more than `amount` only where the call takes a smaller answer.
        package let fullAmount: Int64
        package let holdSeconds: Int64

        package init(windowID: Int64, amount: Int64, fullAmount: Int64? = nil, holdSeconds: Int64) {
            self.windowID = windowID
            self.amount = amount
            self.fullAmount = fullAmount ?? amount
            self.holdSeconds = holdSeconds
        }

        var isClampable: Bool { fullAmount > amount }

        /// The same need where only the full amount will do.
        var inFull: Need { Need(windowID: windowID, amount: fullAmount, holdSeconds: holdSeconds) }
    }

    /// What an alternative would admit.
    package struct Choice: Hashable, Sendable {
        package let model: ModelName
        /// With less output than the call asks for.
        package let isClamped: Bool
    }

    /// What the only alternative needs of a window that this replica has not seen yet.
    package struct OpeningNeed: Hashable, Sendable {
        package let key: WindowKey
        package let amount: Int64
        package let holdSeconds: Int64
    }

    /// The request that may have its entry already: the ledger is asked for it before anything else.
    package let request: RequestName?
    /// Windows this replica has not seen yet.
    package var opens: [WindowKey] = []
    /// What is asked of some of these once they are open, so that the first call of a value takes one transaction.
    package var openingNeeds: [OpeningNeed] = []
    /// One list for each model of the ladder, best first, and behind it one for less output of that model, if the call
    /// takes less. If not all needs of a list can be met, the next list is tried.
    package var alternatives: [[Need]] = []
    /// What each alternative would admit.
    package var choices: [Choice] = []
    /// Whether the call only wants to know. Nothing is then granted, and no lease is revoked.
    package var isDryRun = false
    /// Whether idle money in the leases of other replicas is called back before the ask is turned down or gets less than
    /// the full amount.
    package var callsBack = true
    /// Whether what the ask needs and does not get is kept from the asks behind it.
    package var keepsPlace = false
    /// By window, the revocation of idle leases that must be answered before this ask may be turned down: the first one
    /// that began after the ask.
    package var revocations: [Int64: Int64] = [:]

    /// By window, the least that any alternative needs of it.
    var leastNeeds: [Int64: Int64] {
        var least: [Int64: Int64] = [:]
        for need in alternatives.joined() {
            least[need.windowID] = min(least[need.windowID] ?? .max, need.amount)
        }
        return least
    }

    mutating func add(_ needs: [Need], _ choice: Choice) {
        alternatives.append(needs)
        choices.append(choice)
    }

    package init(opens: [WindowKey] = [], alternatives: [[Need]] = [], request: RequestName? = nil) {
        self.request = request
        self.opens = opens
        self.alternatives = alternatives
    }
}
