/// What one replica knows about one window and may spend from it. Amounts are in the budget's unit.
///
/// Invariant: the held amount of a hard budget never exceeds the lease.
struct WindowAccount: Sendable {
    // What every verdict reads stands together, so that it takes few lines of the processor's cache: of very many values,
    // each call meets another one.

    let windowID: Int64
    /// Its value changes where the window is of a feature that is moved.
    var key: WindowKey
    /// False once the engine has forgotten the window.
    var isOpen = true
    var isAskInFlight = false
    /// Whether the window is in near-limit mode: the last grant fell short of the requested headroom, or the lease was
    /// revoked. The replica then takes money for single holds only.
    var isNearLimit = false
    /// Whether a call was denied since this window has been used up.
    var isExhausted = false
    /// Whether the engine has counted calls here. The window then stays current if the clock goes back.
    var wasCurrent = false
    /// Whether the window that follows was asked for ahead of its beginning.
    var isNextNoted = false
    /// The place of the next account in its chain; -1 if there is none.
    private(set) var nextPlace: Int32 = -1
    var limit: Int64
    /// Settled by all replicas, as PostgreSQL last reported.
    var spent: Int64
    /// By how much the spent and leased amounts in the window's row exceed its limit, after unreserved charges or a
    /// lowered limit. Computed from one state of the row, because the amounts in memory may be a commit behind it.
    var deficit: Int64
    /// Granted to this replica and not yet charged.
    var lease: Int64 = 0
    /// Set aside for calls in flight: out of the lease on hard budgets, only counted on soft and shadow budgets.
    var held: Int64 = 0
    /// What calls that wait here need. Later calls may not take it.
    var awaited: Int64 = 0
    /// The longest hold that this lease may have to outlive, as recorded in PostgreSQL.
    var longestHoldSeconds: Int64 = 0
    /// How much to request beyond the need next time. It follows the rate of spending.
    var headroom: Int64 = 0
    /// The mean amount of the last holds here, each new one counting for an eighth; 0 before the first.
    private(set) var typicalHold: Int64 = 0
    /// On the monotonic clock, like `lastAskedAt`.
    var lastUsedAt = Timestamp(seconds: 0)
    var lastAskedAt = Timestamp(seconds: 0)
    /// The revision of the window's row that these figures come from. Later changes have higher numbers. What is charged
    /// beside the row gives it no new revision, but within one revision `spent` only grows.
    var revision: Int64
    /// Leased to other replicas, dead ones included, as PostgreSQL last reported.
    var leasedElsewhere: Int64
    /// The part of `leasedElsewhere` that belongs to replicas that are gone, and when the first of it returns.
    var leasedByGone: Int64 = 0
    var goneReturnsAt: Timestamp?
    /// When the first of what is spent no longer counts, in a rolling window.
    var leavesAt: Timestamp?

    /// The place of the account of another window of the same budget and value.
    var next: Int? {
        get { nextPlace < 0 ? nil : Int(nextPlace) }
        set { nextPlace = newValue.map(Int32.init) ?? -1 }
    }

    var budgetNumber: Int64 { key.budgetNumber }
    /// When more can be spent without a change of the limit: the window ends, or the first spending leaves it.
    var resetsAt: Timestamp? { key.span.end ?? leavesAt }
    var span: WindowSpan { key.span }
    /// The part of the lease that no hold needs.
    var idle: Int64 { lease.minus(held) }
    /// How much more this replica could hold if it got all money that no replica has leased, as PostgreSQL last
    /// reported.
    var obtainable: Int64 { limit.minus(spent).minus(leasedElsewhere).minus(held).minus(awaited) }
    /// The same if other live replicas gave back all that they have leased.
    var mostObtainable: Int64 { max(0, limit.minus(spent).minus(leasedByGone).minus(held).minus(awaited)) }
    /// What another hold may take without asking PostgreSQL. The window's deficit is not available, nor is what others
    /// wait for.
    var free: Int64 { max(0, idle.minus(deficit).minus(awaited)) }

    /// Whether this replica has no lease, no hold and no ask in flight here.
    var isUnused: Bool { lease == 0 && held == 0 && !isAskInFlight }
    /// Whether this replica has made a hold here.
    var wasUsed: Bool { lastUsedAt != Timestamp(seconds: 0) }
    /// Whether to request more money before a call needs it.
    var runsLow: Bool {
        !isAskInFlight && !isNearLimit && headroom > 0 && free < headroom / 2 && awaited == 0
    }

    func hasBegun(by now: Timestamp) -> Bool { span.start <= now }
    func isOver(by now: Timestamp) -> Bool { span.end.map { $0 <= now } ?? false }

    /// Whether a hold of `amount` may be made without asking PostgreSQL.
    func covers(_ amount: Int64, holdSeconds: Int64) -> Bool { free >= amount && longestHoldSeconds >= holdSeconds }

    /// Whether what is left is less than a hundredth of the limit, or less than a typical hold: the calls that usually
    /// come no longer fit. A single large call may be denied long before.
    var isUsedUp: Bool {
        let left = limit.minus(spent)
        return left <= 0 || left < max(limit / 100, typicalHold)
    }

    mutating func noteTypicalHold(_ amount: Int64) {
        typicalHold = typicalHold == 0 ? amount : typicalHold.plus(amount.minus(typicalHold) / 8)
    }

    static func deficit(limit: Int64, spent: Int64, leased: Int64) -> Int64 {
        Int64(clamping: max(0, Int128(spent) + Int128(leased) - Int128(limit)))
    }

    /// What a window's row says to every replica.
    struct Row: Sendable {
        let limit: Int64
        let spent: Int64
        let leased: Int64
        let revision: Int64
    }

    mutating func learn(_ row: Row) {
        guard (row.revision, row.spent) > (revision, spent) else { return }
        revision = row.revision
        // After a higher limit or a correction of what was spent, the window may be used up once more.
        if row.limit.minus(row.spent) > limit.minus(spent) { isExhausted = false }
        limit = row.limit
        spent = row.spent
        deficit = Self.deficit(limit: limit, spent: spent, leased: row.leased)
    }
}
