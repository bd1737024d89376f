import Simulation
import Testing

@Suite("Many replicas on one hot window") struct FleetTests {
    @Test("keep their promises, and the run says how long calls waited") func waits() {
        let result = Campaign(firstSeed: 1, seedCount: 1, fleet: 12).execute()
        #expect(result.violation == nil, "\(result)")
        let waits = result.summary.waits
        #expect(waits.waited > 200)
        #expect(waits.atOnce > 50)
        #expect(waits.milliseconds(atPermille: 500) <= waits.milliseconds(atPermille: 990))
        #expect(waits.milliseconds(atPermille: 1_000) == result.summary.longestWaitMicroseconds / 1_000)
        #expect("\(result)".contains("99 % \(waits.milliseconds(atPermille: 990)) ms"))
    }
}
