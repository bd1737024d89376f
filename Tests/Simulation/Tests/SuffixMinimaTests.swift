import SeededRandom
import Testing

@testable import Simulation

@Suite("The least since a moment") struct SuffixMinimaTests {
    @Test("is what a look at every value finds", arguments: [1, 2, 3] as [UInt64]) func reference(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var minima = SuffixMinima()
        var all: [(moment: Int, value: Int64)] = []
        #expect(minima.least(since: 0) == nil)
        for moment in 1...300 where random.chance(permille: 600) {
            let value = random.int64(0...20)
            all.append((moment, value))
            minima.add(value, at: moment)
            for since in [0, moment / 2, moment, moment + 1] {
                #expect(minima.least(since: since) == all.filter { $0.moment >= since }.map(\.value).min())
            }
        }
    }
}
