import Simulation
import Testing

@Suite("The protocol of many replicas") struct SimulationTests {
    @Test("keeps its promises through delays, losses, crashes, pauses, drifting clocks and midnight")
    func seeds() {
        let result = Campaign(firstSeed: 1, seedCount: 400).execute()
        #expect(result.violation == nil, "\(result)")
        #expect(result.summary.admitted > 10_000)
        #expect(result.summary.denied > 1_000)
        #expect(result.summary.settled > 10_000)
        #expect(result.summary.crashes > 100)
    }

    @Test("runs the same way twice under the same seed", arguments: [1, 7, 4711])
    func determinism(seed: UInt64) {
        let (first, second) = (Simulation(seed: seed), Simulation(seed: seed))
        #expect(first.run() == nil)
        #expect(second.run() == nil)
        #expect(first.summary == second.summary)
    }

    @Test("is watched so closely that a mistake is found", arguments: DeliberateBug.allCases)
    func bug(_ bug: DeliberateBug) {
        let result = Campaign(firstSeed: 1, seedCount: 2_000, bug: bug).execute()
        #expect(result.violation != nil, "\(bug.rawValue) was not found in \(result.seeds) seeds")
    }
}
