/// Money set aside for one admitted call until it is settled, voided or expires.
///
/// A hold contains everything that another replica needs to end it, and travels as an encrypted hold token
/// (`HoldTokenCipher`). A class, because it never changes, and the engine, its verdict and the job that ends it all
/// keep it.
package final class Hold: Sendable {
    /// What the hold takes out of one window.
    package struct Charge: Hashable, Sendable {
        package let windowID: Int64
        package let budgetNumber: Int64
        /// In the budget's unit.
        package let amount: Int64
        /// Whether the amount came out of a lease (hard budgets) or is only counted.
        package let isLeased: Bool

        package init(windowID: Int64, budgetNumber: Int64, amount: Int64, isLeased: Bool) {
            self.windowID = windowID
            self.budgetNumber = budgetNumber
            self.amount = amount
            self.isLeased = isLeased
        }
    }

    /// What its call declared, from which an estimated entry is made if nobody settles it.
    package struct Declared: Hashable, Sendable {
        /// The whole prompt.
        package let inputTokens: Int64
        package let cachedInputTokens: Int64
        /// The most output that was held for.
        package let outputTokens: Int64
        /// What of the estimate is the prompt's.
        package let inputCost: Money

        package init(inputTokens: Int64, cachedInputTokens: Int64, outputTokens: Int64, inputCost: Money) {
            self.inputTokens = inputTokens
            self.cachedInputTokens = cachedInputTokens
            self.outputTokens = outputTokens
            self.inputCost = inputCost
        }
    }

    package let id: HoldID
    package let requestID: String
    package let who: Attribution
    package let requestedModel: String
    package let model: ModelName
    package let tier: ServiceTier
    /// Where the call was to be processed; nil if the router did not say.
    package let region: String?
    /// Nil if the model has no price.
    package let estimate: Money?
    /// Nil if the model has no price, or a version before made the hold.
    package let declared: Declared?
    package let authorizedAt: Timestamp
    package let expiresAt: Timestamp
    package let charges: [Charge]

    package init(
        id: HoldID, requestID: String, who: Attribution, requestedModel: String, model: ModelName, tier: ServiceTier,
        region: String? = nil, estimate: Money?, declared: Declared? = nil, authorizedAt: Timestamp,
        expiresAt: Timestamp, charges: [Charge]
    ) {
        self.id = id
        self.requestID = requestID
        self.who = who
        self.requestedModel = requestedModel
        self.model = model
        self.tier = tier
        self.region = region
        self.estimate = estimate
        self.declared = declared
        self.authorizedAt = authorizedAt
        self.expiresAt = expiresAt
        self.charges = charges
    }
}

extension Estimate {
    /// What `call` declared, as it is held for; nil where its cost is not known.
    func declared(by call: Call) -> Hold.Declared? {
        guard let inputCost, let outputTokens = outputTokens(of: call) else { return nil }
        return Hold.Declared(
            inputTokens: call.inputTokens, cachedInputTokens: call.cachedInputTokens, outputTokens: outputTokens,
            inputCost: inputCost)
    }
}

extension Hold {
    package var requestName: RequestName { RequestName(team: who.callersTeam, id: requestID) }

    /// Whether both are the same hold, and not two holds to which a database that was restored from a backup has given
    /// one id. Compares only what two holds of one replica never share, because every end of a hold asks this.
    func isSame(as other: Hold) -> Bool {
        self === other
            || id == other.id && authorizedAt == other.authorizedAt && requestID == other.requestID
                && who.team == other.who.team && charges == other.charges
    }
}

extension Hold: Equatable {
    package static func == (left: Hold, right: Hold) -> Bool {
        left.id == right.id && left.requestID == right.requestID && left.who == right.who
            && left.requestedModel == right.requestedModel && left.model == right.model && left.tier == right.tier
            && left.region == right.region && left.estimate == right.estimate && left.declared == right.declared
            && left.authorizedAt == right.authorizedAt && left.expiresAt == right.expiresAt
            && left.charges == right.charges
    }
}

/// Identifies a hold: the replica that made it and its number there. Only a database that was restored from a backup may
/// know another hold under the same id (`Hold.isSame`).
package struct HoldID: Hashable, Comparable, Sendable {
    package let replicaID: Int64
    package let number: Int64

    package init(replicaID: Int64, number: Int64) {
        self.replicaID = replicaID
        self.number = number
    }

    package static func < (left: HoldID, right: HoldID) -> Bool {
        (left.replicaID, left.number) < (right.replicaID, right.number)
    }
}
