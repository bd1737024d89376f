import SeededRandom
import Testing

@testable import Accounting

@Suite("A cost in halves of a femtodollar") struct RateTests {
    /// Rounds by comparing doubled distances to both neighbours, without dividing the remainder.
    private func slowlyRounded(_ sum: Int128) -> Int128 {
        let unit: Int128 = 2_000_000
        var below = sum / unit
        if below * unit > sum { below -= 1 }
        let toBelow = sum - below * unit
        let toAbove = (below + 1) * unit - sum
        if toBelow != toAbove { return toBelow < toAbove ? below : below + 1 }
        return below % 2 == 0 ? below : below + 1
    }

    @Test(
        "is rounded half to even",
        arguments: [
            (0, 0), (999_999, 0), (1_000_000, 0), (1_000_001, 1), (2_999_999, 1), (3_000_000, 2), (3_000_001, 2),
            (5_000_000, 2),
            (7_000_000, 4), (-1_000_000, 0), (-1_000_001, -1), (-3_000_000, -2), (-5_000_000, -2), (-5_000_001, -3),
        ] as [(Int128, Int64)])
    func halfToEven(sum: Int128, nanodollars: Int64) {
        #expect(Rate.nanodollars(fromHalfFemtodollars: sum) == nanodollars)
    }

    @Test("is rounded as an independent slow method rounds it", arguments: seeds)
    func rounding(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<10_000 {
            var sum = Int128(random.anySize()) * Int128(random.anySize(upTo: 4_000_000))
            // Half of all cases are exactly at, or right beside, the middle between two nanodollars.
            if random.chance(percent: 50) {
                sum = sum / 2_000_000 * 2_000_000 + 1_000_000 + Int128.random(in: -1...1, using: &random)
            }
            if random.chance(percent: 50) { sum = -sum }
            #expect(
                Rate.nanodollars(fromHalfFemtodollars: sum) == Int64(exactly: slowlyRounded(sum)),
                "seed \(seed): \(sum)")
        }
    }

    @Test("that fits in 64 bits only before rounding is no amount at all")
    func extremes() {
        let unit: Int128 = 2_000_000
        let maximum = Int128(Int64.max) * unit
        #expect(Rate.nanodollars(fromHalfFemtodollars: maximum) == .max)
        #expect(Rate.nanodollars(fromHalfFemtodollars: maximum + unit / 2 - 1) == .max)
        #expect(Rate.nanodollars(fromHalfFemtodollars: maximum + unit / 2) == nil)
        #expect(Rate.nanodollars(fromHalfFemtodollars: Int128(Int64.min) * unit) == .min)
        #expect(Rate.nanodollars(fromHalfFemtodollars: Int128(Int64.min) * unit - unit / 2) == .min)
        #expect(Rate.nanodollars(fromHalfFemtodollars: Int128(Int64.min) * unit - unit / 2 - 1) == nil)
        #expect(Rate.nanodollars(fromHalfFemtodollars: .max) == nil)
        #expect(Rate.nanodollars(fromHalfFemtodollars: .min) == nil)
    }

    @Test("is told a unit as exact dollars")
    func text() {
        // 2.50 USD for a million tokens, and half of 1e-15 USD for one.
        #expect(Rate(halfFemtodollarsPerUnit: 5_000_000_000, priceID: 1).usdPerUnit == "0.0000025")
        #expect(Rate(halfFemtodollarsPerUnit: 1, priceID: 1).usdPerUnit == "0.0000000000000005")
    }
}
