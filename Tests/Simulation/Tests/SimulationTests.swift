import SeededRandom
import Testing

@testable import Simulation

/// A few seeds, in an unoptimised build; `make simulate` runs many.
@Suite("The protocol of many replicas") struct SimulationTests {
    @Test("keeps its promises through delays, losses, crashes, pauses, wrong clocks and midnight")
    func seeds() {
        let result = Campaign(firstSeed: 1, seedCount: 15).execute()
        #expect(result.violation == nil, "\(result)")
        #expect(result.summary.admitted > 2_000)
        #expect(result.summary.denied > 500)
        #expect(result.summary.settled > 2_000)
        #expect(result.summary.crashes > 5)
        #expect(result.summary.clamped > 0)
        #expect(result.summary.admittedFromLine > 0)
        #expect(result.summary.extended > 0)
        #expect(result.summary.moves > 0)
    }

    /// Among the first seeds none has a restore.
    @Test("keeps its promises over a restore from a backup, for all that the backup knows")
    func restore() {
        let result = Campaign(firstSeed: 71, seedCount: 5).execute()
        #expect(result.violation == nil, "\(result)")
        #expect(result.summary.restores > 0)
    }

    /// An extended hold that expired because its call was reported in the same batch; a lease that was called back before the
    /// replica knew that it has it; a limit that changed while a window was opened.
    @Test("keeps its promises where it once broke them", arguments: [1248, 3351, 36_490])
    func found(seed: UInt64) {
        let violation = Simulation(seed: seed).run()
        #expect(violation == nil, "\(violation!)")
    }

    @Test("runs the same way twice under the same seed", arguments: [7, 4711])
    func determinism(seed: UInt64) {
        let (first, second) = (Simulation(seed: seed), Simulation(seed: seed))
        #expect(first.run() == nil)
        #expect(second.run() == nil)
        #expect(first.summary == second.summary)
    }

    /// A campaign of many seeds would otherwise fill the memory.
    @Test("leaves nothing in memory after a run", arguments: [1, 35, 56, 70])
    func leavesNothing(seed: UInt64) {
        weak var simulation: Simulation?
        weak var journal: Journal?
        var replicas: [() -> SimulatedReplica?] = []
        func run() {
            let running = Simulation(seed: seed)
            (simulation, journal) = (running, running.journal)
            replicas = running.replicas.map { replica in { [weak replica] in replica } }
            #expect(running.run() == nil)
        }
        run()
        #expect(simulation == nil)
        #expect(journal == nil)
        #expect(replicas.compactMap { $0() }.isEmpty)
    }

    /// The first seed that finds each deliberate bug, as `make simulate BUG=…` reports it.
    static let findings: [(DeliberateBug, UInt64)] = [
        (.forgetToFence, 1), (.reclaimEarly, 1), (.countRemoteSettleTwice, 1), (.freeExpiredHoldEarly, 1),
        (.grantWithoutRowLock, 1), (.grantFromRowAlone, 1), (.treatUnknownCommitAsFailed, 1),
        (.forgetKeysOverMidnight, 1), (.dropQueuedSettlesAtShutdown, 1), (.ignoreRevocations, 1),
        (.repeatReplicaIDs, 18), (.repeatWindowIDs, 16), (.trustWindowIDs, 282), (.goOnAfterRestore, 1),
        (.keepConfigurationOfLostPast, 1), (.trustLostHeartbeats, 1), (.expireByWallClock, 1),
        (.reclaimByReplicaClock, 1),
        (.returnHandedOverMoney, 1), (.fenceFromAnswer, 128), (.clampHoldsTooLittle, 1), (.waiterOvertakes, 28),
        (.openValueTwice, 1), (.expireExtendedHolds, 1), (.keepLeaseOfExtendedHoldTooShort, 79),
        (.boostOutlivesItsEnd, 1), (.carryOverTwice, 17), (.forgetOldestSlot, 1), (.loseSpendingOfMovedFeature, 1),
        (.countEstimateAndSettlement, 1),
    ]

    @Test("is watched so closely that every mistake is found", arguments: DeliberateBug.allCases)
    func bug(_ bug: DeliberateBug) throws {
        let seed = try #require(Self.findings.first { $0.0 == bug }).1
        let result = Campaign(firstSeed: seed, seedCount: 50, bug: bug).execute()
        #expect(result.violation != nil, "\(bug.rawValue) was not found in \(result.seeds) seeds")
    }
}
