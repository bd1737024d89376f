import Accounting
import Ledger
import SeededRandom

/// PostgreSQL as the protocol sees it: rows, and transactions that each happen at one instant.
///
/// The server's own code (`Allocation`, `BatchResult`) decides what a transaction does. Only reading and writing rows
/// is simulated. A test runs the same histories against a real PostgreSQL and compares the rows.
final class SimulatedDatabase {
    struct Window {
        let key: WindowKey
        var limit: Int64
        /// What the window before has left, whatever of it the budget carries over.
        var carried: Int64 = 0
        var spent: Int64 = 0
        var leased: Int64 = 0
        var revocation: Int64 = 0
        var revision: Int64 = 1
    }

    /// What was charged to a window while its row was locked by another transaction (`uncollected_charge`).
    struct Beside {
        var spent: Int64 = 0
        var taken: Int64 = 0
    }

    struct LeaseKey: Hashable, Comparable {
        let replicaID: Int64
        let windowID: Int64

        static func < (left: LeaseKey, right: LeaseKey) -> Bool {
            (left.replicaID, left.windowID) < (right.replicaID, right.windowID)
        }
    }

    struct Lease {
        var amount: Int64 = 0
        var longestHoldSeconds: Int64 = 0
        var round: Int64 = 0
        var revocation: Int64
    }

    struct Registration {
        enum State { case live, drained, gone }

        var state = State.live
        var heartbeatAt: Timestamp
        var configurationVersion: Int64 = 0
        let timeline: Int64
        let startedAt: Timestamp
    }

    struct End {
        let how: HoldEnd
        let endedBy: Int64
        let endedAt: Timestamp
    }

    struct BatchKey: Hashable {
        let replicaID: Int64
        let number: Int64
    }

    var now = Timestamp(seconds: 0) {
        didSet { if startedAt.microseconds == 0 { startedAt = now } }
    }
    private(set) var startedAt = Timestamp(seconds: 0)
    var configuration: Configuration
    private var moves: [FeatureMove] = []
    var timeline: Int64 = 1
    /// When it last started. A promoted standby had started before.
    var restartedAt: Timestamp?
    let bug: DeliberateBug?

    /// With all that was charged to them, also what stands beside their rows.
    var windows = Table<Int64, Window>()
    var beside: [Int64: Beside] = [:]
    /// Decides which windows another transaction has locked just now; nil: none.
    var contention: SplitMix64?
    var windowIDs: [WindowKey: Int64] = [:]
    private var lastWindowID: Int64 = 0
    var leases = Table<LeaseKey, Lease>()
    var replicas: [Int64: Registration] = [:]
    var keys: [String: BatchReadSet.Key] = [:]
    var entries: [Int64: BookedEntry] = [:]
    var ends = Table<HoldID, End>()
    var batches: [BatchKey: CommittedBatch] = [:]
    /// Holds of ended replicas, and when they expire on PostgreSQL's clock.
    var handedOver: [HoldID: (hold: Hold, expiresAt: Timestamp)] = [:]
    /// Until when holds last that were given more time.
    var extensions: [HoldID: (expiresAt: Timestamp, extendedAt: Timestamp)] = [:]
    /// What was added to limits for a time that is not over.
    var boosts: [Boost] = []
    /// What rolling windows have spent, by when it no longer counts (`window_slot`).
    var slots: [Int64: [Timestamp: Int64]] = [:]
    /// Replicas whose leases were taken back with money still in them.
    var reclaimed: Set<Int64> = []

    init(_ configuration: Configuration, bug: DeliberateBug?) {
        self.configuration = configuration
        self.bug = bug
    }

    /// A copy, as a backup, or to foresee what a transaction would do.
    func copy() -> SimulatedDatabase {
        let other = SimulatedDatabase(configuration, bug: bug)
        (other.now, other.timeline) = (now, timeline)
        other.restore(self)
        return other
    }

    /// How often the database was restored from a backup, and in which of these pasts each replica has registered. Only
    /// the checks of the promises know.
    private(set) var past = 0
    var pasts: [Int64: Int] = [:]

    /// Goes back to a backup: what was committed since is lost.
    func goBack(to backup: SimulatedDatabase) {
        restore(backup)
        past += 1
    }

    private func restore(_ backup: SimulatedDatabase) {
        (configuration, windows, windowIDs) = (backup.configuration, backup.windows, backup.windowIDs)
        (leases, replicas, keys, entries) = (backup.leases, backup.replicas, backup.keys, backup.entries)
        (extensions, boosts, slots, moves) = (backup.extensions, backup.boosts, backup.slots, backup.moves)
        (beside, lastWindowID) = (backup.beside, backup.lastWindowID)
        (ends, batches, handedOver, reclaimed) = (backup.ends, backup.batches, backup.handedOver, backup.reclaimed)
    }

    // MARK: Windows and leases

    /// Ids follow the time in microseconds, as those of PostgreSQL do. `id`: the one that PostgreSQL gave, where both do
    /// the same.
    @discardableResult func open(_ key: WindowKey, as id: Int64? = nil) -> Int64 {
        // An INSERT draws an id also for a row that is there already.
        lastWindowID += 1
        if let id = windowIDs[key], bug != .openValueTwice || key.value.isNone { return id }
        if bug != .repeatWindowIDs { lastWindowID = max(lastWindowID, now.microseconds - startedAt.microseconds) }
        let id = id ?? lastWindowID
        windowIDs[key] = id
        windows[id] = Window(key: key, limit: limit(of: key, carried: 0))
        return id
    }

    func leases(of window: Int64) -> [(key: LeaseKey, value: Lease)] {
        leases.filter { $0.key.windowID == window }.sorted { $0.key < $1.key }
    }

    func isLive(_ replicaID: Int64) -> Bool {
        guard let replica = replicas[replicaID] else { return false }
        return replica.state == .live && replica.heartbeatAt > now.adding(seconds: -ReplicaRegistry.leaseSeconds)
    }

    func facts(_ id: Int64, for replicaID: Int64) -> WindowFacts {
        var window = windows[id]!
        if bug == .grantFromRowAlone, let beside = beside[id] {
            window.spent -= beside.spent
            window.leased += beside.taken
        }
        let others = leases(of: id).filter { $0.key.replicaID != replicaID && $0.value.amount > 0 }
        let gone = others.filter { !isLive($0.key.replicaID) }
        return WindowFacts(
            windowID: id, key: window.key, limit: window.limit, spent: window.spent, leased: window.leased,
            leasedHere: leases[LeaseKey(replicaID: replicaID, windowID: id)]?.amount ?? 0,
            leasedByGone: gone.reduce(0) { $0 + $1.value.amount },
            goneReturnsAt: gone.map { returnsAt($0.key, $0.value) }.min(), leavesAt: slots[id]?.keys.min(),
            revocation: window.revocation,
            isRevocationUnderWay: others.contains {
                isLive($0.key.replicaID) && $0.value.revocation < window.revocation
            },
            revision: window.revision)
    }

    func returnsAt(_ key: LeaseKey, _ lease: Lease) -> Timestamp {
        replicas[key.replicaID]!.heartbeatAt.adding(
            seconds: ReplicaRegistry.leaseSeconds + ReplicaRegistry.driftSeconds + lease.longestHoldSeconds)
    }

    func change(_ key: LeaseKey, by amount: Int64) {
        leases[key]!.amount += amount
        windows[key.windowID]!.leased += amount
        windows[key.windowID]!.revision += 1
    }

    func isLockedByAnother(_ windowID: Int64) -> Bool { contention?.chance(permille: 300) ?? false }

    /// Charges a window: in its row, or beside it if another transaction has locked the row. What makes less money free
    /// waits for the row.
    func charge(_ id: Int64, spent: Int64, taken: Int64) {
        windows[id]!.spent += spent
        windows[id]!.leased -= taken
        // Who changes slots has the row locked.
        let mayStandBeside = slots[id] == nil && 0...taken ~= spent || bug == .grantFromRowAlone
        if mayStandBeside, isLockedByAnother(id) {
            beside[id, default: Beside()].spent += spent
            beside[id, default: Beside()].taken += taken
        } else {
            windows[id]!.revision += 1
        }
    }

    /// Does what `ChargeCollection` does.
    func collectCharges() {
        for id in beside.keys { windows[id]!.revision += 1 }
        beside = [:]
    }

    // MARK: Configuration

    /// Whether the last change of the configuration was the end of a boost.
    private(set) var hasBoostEnded = false

    /// Makes another version of the configuration.
    func change(_ budgets: [Budget], endsBoost: Bool = false) {
        hasBoostEnded = endsBoost
        configuration = Configuration(
            version: configuration.version + 1, teams: configuration.teams,
            scopes: ScopeIndex(budgets, prices: configuration.prices), ladders: [], prices: configuration.prices,
            moves: FeatureMoves(moves))
    }

    /// Moves a feature, with the budgets that name it.
    func move(_ from: FeaturePlace, to: FeaturePlace) {
        moves.append(FeatureMove(from: from, to: to, movedAt: now))
        change(
            configuration.budgets.map {
                $0.scope.place == from ? $0.with(scope: $0.scope.of(team: to.team, feature: to.feature)) : $0
            })
    }

    func setLimit(_ limit: Int64, of number: Int64) {
        change(configuration.budgets.map { $0.number == number ? $0.with(limit: limit) : $0 })
        renewLimits(of: number)
    }
}

extension Budget {
    func with(limit: Int64? = nil, scope: Scope? = nil) -> Budget {
        Budget(
            number: number, id: id, version: version + 1, scope: scope ?? self.scope, period: period, zone: zone,
            unit: unit, limit: limit ?? self.limit, enforcement: enforcement, downgradeAt: downgradeAt,
            alertAt: alertAt, rules: rules, createdAt: createdAt)
    }
}
