import Synchronization

/// The caller of a token that was found, and whether the token was used since that was last noted.
final class KnownCaller: Sendable {
    let principal: Principal
    /// Nil for the admin token of the environment, which is not in the database.
    let tokenID: Int64?
    private let wasUsed = Atomic(false)

    init(_ principal: Principal, tokenID: Int64?) {
        self.principal = principal
        self.tokenID = tokenID
    }

    /// Every request calls this. It writes only once a minute or so, because many processors share the flag.
    func noteUse() { if !wasUsed.load(ordering: .relaxed) { wasUsed.store(true, ordering: .relaxed) } }

    /// Whether the token was used since the last call of this.
    func takeUse() -> Bool { wasUsed.exchange(false, ordering: .relaxed) }
}
