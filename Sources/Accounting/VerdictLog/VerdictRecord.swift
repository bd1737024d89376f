/// One record of the verdict log.
package enum VerdictRecord: Hashable, Sendable {
    case call(LoggedCall)
    case end(LoggedEnd)
    case extended(LoggedExtension)
    case charge(LoggedCharge)

    package var at: Timestamp {
        switch self {
        case .call(let call): call.at
        case .end(let end): end.at
        case .extended(let extended): extended.at
        case .charge(let charge): charge.at
        }
    }
}

/// A call and its verdict.
package struct LoggedCall: Hashable, Sendable {
    package let at: Timestamp
    package let call: Call
    package let kind: Verdict.Kind
    /// Nil on an admit.
    package let reason: Reason.Code?
    /// Nil on a deny.
    package let served: ModelName?
    /// The worst case of the call; nil if it has no price.
    package let estimate: Money?
    /// The output that was held for; nil on a deny, and where nothing bounds it.
    package let maxOutputTokens: Int64?
    /// The number of the hold at the replica whose log this is; nil on a deny.
    package let holdNumber: Int64?
}

/// The end of a hold, as the engine applied it.
package struct LoggedEnd: Hashable, Sendable {
    package enum How: UInt8, Sendable {
        case settled, voided, expired
        /// The verdict reached nobody.
        case withdrawn
        /// Settled as a repeat of what another entry has recorded.
        case repeated
        /// Expired, and became an estimated entry.
        case estimated

        var hasUsage: Bool { self == .settled || self == .estimated }
    }

    package let at: Timestamp
    package let how: How
    /// The replica that made the hold; nil if it is the one whose log this is.
    package let makerID: Int64?
    package let holdNumber: Int64
    /// Nil unless the hold was settled or became an estimated entry.
    package let settled: Settled?

    /// What was settled, or estimated.
    package struct Settled: Hashable, Sendable {
        /// Nil if it is the model of the hold.
        package let served: ModelName?
        /// Nil where unpriced.
        package let cost: Money?
        package let quantities: Quantities
        /// When the call was made, counted from when it was authorized.
        package let occurredMicrosecondsLater: Int64

        package init(served: ModelName?, cost: Money?, quantities: Quantities, occurredMicrosecondsLater: Int64) {
            self.served = served
            self.cost = cost
            self.quantities = quantities
            self.occurredMicrosecondsLater = occurredMicrosecondsLater
        }
    }
}

/// More time for an open hold.
package struct LoggedExtension: Hashable, Sendable {
    package let at: Timestamp
    /// The replica that made the hold; nil if it is the one whose log this is.
    package let makerID: Int64?
    package let holdNumber: Int64
    /// How long the hold lasts yet.
    package let microseconds: Int64
}

/// A charge without a hold: a call that was never authorized, a correction, or an entry that is taken back.
package struct LoggedCharge: Hashable, Sendable {
    package let at: Timestamp
    package let who: Attribution
    package let served: ModelName
    /// Nil where unpriced; for a correction the difference.
    package let cost: Money?
    package let tokens: Int64
    /// How many calls it adds: one, none for a correction, or minus one for an entry that is taken back.
    package let calls: Int64
    package let occurredAt: Timestamp

    package init(
        at: Timestamp, who: Attribution, served: ModelName, cost: Money?, tokens: Int64, calls: Int64,
        occurredAt: Timestamp
    ) {
        self.at = at
        self.who = who
        self.served = served
        self.cost = cost
        self.tokens = tokens
        self.calls = calls
        self.occurredAt = occurredAt
    }
}
