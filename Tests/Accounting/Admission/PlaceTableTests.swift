import SeededRandom
import Testing

@testable import Accounting

@Suite("The table that finds places by number") struct PlaceTableTests {
    /// Numbers that crowd together, are multiples of large powers of two, or are random.
    private static func number(_ random: inout SplitMix64) -> UInt64 {
        switch random.int(0...3) {
        case 0: UInt64(random.int(0...40))
        case 1: UInt64(random.int(0...40)) << 58
        case 2: UInt64.max - UInt64(random.int(0...40))
        default: random.next() % 300 &* 0x9E37_79B9_7F4A_7C15
        }
    }

    @Test("has what a dictionary would have, whatever is put in and taken out", arguments: seeds)
    func likeADictionary(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var table = PlaceTable()
        var expected: [UInt64: Int] = [:]
        for step in 0..<20_000 {
            let number = Self.number(&random)
            // The table grows and shrinks several times.
            if random.chance(percent: step / 2_000 % 2 == 0 ? 70 : 30) {
                let place = random.int(0...100_000)
                #expect(table.put(place, for: number) == expected.updateValue(place, forKey: number))
            } else {
                table[number] = nil
                expected[number] = nil
            }
            #expect(table.count == expected.count)
            let other = Self.number(&random)
            #expect(table[other] == expected[other], "seed \(seed): step \(step)")
        }
        for (number, place) in expected { #expect(table[number] == place) }
    }
}
