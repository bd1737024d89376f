import SeededRandom

/// What a seed lets happen in its run.
struct Climate {
    let replicaCount: Int
    let clientCount: Int
    /// No fault at all: then nobody may be denied while the money is there.
    let isCalm: Bool
    /// One way between a replica and PostgreSQL, in microseconds.
    let longestDelayMicroseconds: Int64
    /// How often, in permille, a request is lost on its way or its answer on the way back.
    let lossPermille: Int
    /// How often a word of `NOTIFY` is lost.
    let silencePermille: Int
    let crashes: Bool
    let pauses: Bool
    let drains: Bool
    let databaseCrashes: Bool
    let budgetChanges: Bool
    let clocksDrift: Bool
    /// Seconds until the first midnight (UTC, on the last of a month).
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
