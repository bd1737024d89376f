import SeededRandom

/// The size of a run and the faults in it, drawn from its seed.
struct RunConditions {
    let replicaCount: Int
    let clientCount: Int
    /// No fault at all. Then no call may be denied while the money is there.
    let isCalm: Bool
    /// The longest delay between a replica and PostgreSQL, one way, in microseconds.
    let longestDelayMicroseconds: Int64
    /// How often, in permille, a request or its answer is lost.
    let lossPermille: Int
    /// How often, in permille, a `NOTIFY` message is lost.
    let silencePermille: Int
    let crashes: Bool
    let pauses: Bool
    let drains: Bool
    let databaseCrashes: Bool
    let budgetChanges: Bool
    let clocksDrift: Bool
    /// The wall clocks of replicas are set, by up to an hour.
    let clocksStep: Bool
    /// The database goes back to a backup.
    let restores: Bool
    /// About how many seconds lie between two restores.
    let restoreSeconds: Double
    /// The age of the oldest backup that is restored.
    let oldestBackupSeconds: Int64
    /// Requests of some replicas for the configuration fail for a while.
    let failingLoads: Bool
    /// Many replicas share one hot window. Calls that are denied while money lies idle are counted.
    let isFleet: Bool
    /// Some calls take a smaller answer, and some wait for money that is held.
    let areCallsPatient: Bool
    /// Calls have runs, and each run has a window of its own.
    let areRunsLimited: Bool
    /// Some holds are given more time.
    let areHoldsExtended: Bool
    /// Budgets get more for a time.
    let areBudgetsBoosted: Bool
    /// A budget's windows inherit what the ones before have left.
    let isCarriedOver: Bool
    /// A budget counts the last minute.
    let isRolling: Bool
    /// A feature goes from team to team, and its budget with it.
    let areFeaturesMoved: Bool
    /// Holds that expire become estimated entries, of their input or of all.
    let areExpiredHoldsCharged: Bool
    /// Seconds until the first midnight (UTC, on the last day of a month).
    let secondsToMidnight: Int64
    let runSeconds: Int64

    var areClocksWrong: Bool { clocksDrift || clocksStep }

    /// - Parameters:
    ///   - bug: a mistake that the run looks for. What it needs to show happens in every run.
    ///   - fleet: how many replicas to run on one hot window, without faults; nil: draw the size of the run.
    init(_ random: inout SplitMix64, seed: UInt64, bug: DeliberateBug? = nil, fleet: Int? = nil) {
        let drawn = random.chance(permille: 300)
        let isOfRestores = bug?.isOfRestores ?? false
        let isCalm = drawn && !isOfRestores || fleet != nil
        self.isCalm = isCalm
        isFleet = fleet != nil
        let (replicas, clients) = (random.int(1...4), random.int(2...10))
        replicaCount = fleet ?? replicas
        clientCount = fleet.map { $0 * 2 } ?? clients
        longestDelayMicroseconds = isCalm ? 4_000 : random.pick([2_000, 20_000, 150_000])
        lossPermille = isCalm ? 0 : random.pick([0, 10, 60])
        silencePermille = isCalm ? 0 : random.pick([0, 200, 1000])
        func maybe() -> Bool { !isCalm && random.chance(permille: 500) }
        crashes = maybe()
        pauses = maybe()
        databaseCrashes = maybe()
        clocksDrift = maybe()
        drains = random.chance(permille: 400) && !isFleet
        budgetChanges = (random.chance(permille: 400) || isOfRestores) && !isFleet
        // Windows of the next day are opened some minutes ahead, each at a moment of its own.
        secondsToMidnight = random.pick([5, 20, 40, 100, 200, 300, 1_000_000])
        let drawnSeconds = isFleet ? 20 : random.int64(25...60)
        func seldom() -> Bool { !isCalm && random.chance(permille: 300) }
        restores = seldom() || isOfRestores
        (restoreSeconds, oldestBackupSeconds) = isOfRestores ? (6, 11) : (20, 8)
        clocksStep = seldom()
        failingLoads = seldom()
        // Not drawn, so that the other runs are what they were before there was such a call.
        areCallsPatient = seed % 5 == 3 && !isFleet
        areRunsLimited = seed % 5 == 1 && !isFleet
        areHoldsExtended = seed % 7 == 2 && !isFleet
        areBudgetsBoosted = seed % 6 == 4 && !isFleet
        isCarriedOver = seed % 7 == 3 && !isFleet
        isRolling = seed % 11 == 5 && !isFleet
        // What was spent at the beginning must have left.
        runSeconds = isRolling ? drawnSeconds + 70 : drawnSeconds
        // Where nothing goes wrong, or calls wait, it is checked which budgets keep a call from its money: by the newest
        // configuration, which a replica may not have yet. The runs that find other mistakes stay what they were.
        let isOfMoves = bug == nil ? seed % 7 == 4 : bug == .loseSpendingOfMovedFeature
        areFeaturesMoved = isOfMoves && !isCalm && !areCallsPatient
        areExpiredHoldsCharged = (seed % 11 == 5 || bug == .countEstimateAndSettlement) && !isFleet
    }
}
