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
    /// Seconds until the first midnight (UTC, on the last day of a month).
    let secondsToMidnight: Int64
    let runSeconds: Int64

    init(_ random: inout SplitMix64) {
        isCalm = random.chance(permille: 300)
        let isCalm = isCalm
        replicaCount = random.int(1...4)
        clientCount = random.int(2...10)
        longestDelayMicroseconds = isCalm ? 4_000 : random.pick([2_000, 20_000, 150_000])
        lossPermille = isCalm ? 0 : random.pick([0, 10, 60])
        silencePermille = isCalm ? 0 : random.pick([0, 200, 1000])
        func maybe() -> Bool { !isCalm && random.chance(permille: 500) }
        crashes = maybe()
        pauses = maybe()
        databaseCrashes = maybe()
        clocksDrift = maybe()
        drains = random.chance(permille: 400)
        budgetChanges = random.chance(permille: 400)
        secondsToMidnight = random.pick([5, 20, 40, 1_000_000])
        runSeconds = random.int64(25...60)
    }
}
