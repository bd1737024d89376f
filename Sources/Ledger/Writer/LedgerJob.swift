import Accounting

/// A job for the ledger writer to commit.
package enum LedgerJob: Sendable {
    /// An entry and the windows it charges. The entry settles a hold or records a call that was never authorized.
    case record(Posting, charges: [WindowCharge])
    /// A hold that ends without an entry: voided or expired.
    case end(Hold, HoldEnd, charges: [WindowCharge])
    /// A hold that expires and becomes an estimated entry, unless its request has an entry already.
    case estimate(Posting, charges: [WindowCharge])

    package var hold: Hold? {
        switch self {
        case .record(let posting, _), .estimate(let posting, _): posting.hold
        case .end(let hold, _, _): hold
        }
    }

    /// The entry that the job makes.
    package var posting: Posting? {
        switch self {
        case .record(let posting, _), .estimate(let posting, _): posting
        case .end: nil
        }
    }

    /// How the job ends its hold.
    package var how: HoldEnd {
        switch self {
        case .record: .settled
        case .estimate: .expired
        case .end(_, let how, _): how
        }
    }

    /// Whether the job records a call that was served by a lower model than was asked for.
    var settlesDowngrade: Bool {
        if case .record(let posting, _) = self { posting.entry.requestedCost != nil } else { false }
    }

    package var charges: [WindowCharge] {
        switch self {
        case .record(_, let charges), .estimate(_, let charges), .end(_, _, let charges): charges
        }
    }
}

/// The outcome of a job. It is reported only after the commit.
package enum LedgerOutcome: Sendable {
    case recorded(Receipt)
    /// The same id with the same content was committed before.
    case duplicate(Receipt)
    /// The id was committed before with other content; the receipt is that of the earlier entry. The refused usage is
    /// stored as disputed.
    case conflict(Receipt)
    /// The entry was not recorded, because a sum that it belongs to would not fit. Its hold stays open.
    case overflow(SumOverflow)
    case ended
    /// The hold had ended before, in this way.
    case alreadyEnded(HoldEnd)
    /// The hold does not expire yet, because it was given more time.
    case extended

    /// Whether the id was committed before.
    var isRepeat: Bool {
        switch self {
        case .duplicate, .conflict: true
        case .recorded, .overflow, .ended, .alreadyEnded, .extended: false
        }
    }

    var isOverflow: Bool { if case .overflow = self { true } else { false } }
}

/// What was committed under an id.
package struct Receipt: Sendable {
    package let entryID: Int64
    /// Nil where unpriced.
    package let cost: Money?
    package let overrun: Money
    package let model: String

    package init(entryID: Int64, cost: Money?, overrun: Money, model: String) {
        self.entryID = entryID
        self.cost = cost
        self.overrun = overrun
        self.model = model
    }

    init(of posting: Posting, entryID: Int64) {
        self.init(
            entryID: entryID, cost: posting.entry.rated.cost, overrun: posting.entry.overrun,
            model: posting.entry.model.model)
    }
}

/// Why a job was not committed.
package enum LedgerFailure: Error, Sendable {
    /// The database cannot be reached, the queue is full, or the database has lost what the job was computed from. Nothing
    /// was done, and the request may be sent again.
    case unavailable
    /// The commit was sent but not answered. The request may be sent again, which finds out the outcome.
    case unanswered
    /// PostgreSQL refuses a row of this very job.
    case refused(sqlState: String)
}
