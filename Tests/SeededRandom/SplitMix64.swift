/// A small random generator whose whole state is its seed. A failing property test names the seed that repeats the run.
package struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number below 2^`bits` for a random `bits`, so that small and large numbers are equally likely.
    package mutating func anySize(upTo maximum: Int64 = .max) -> Int64 {
        let bits = Int.random(in: 0...63, using: &self)
        let value = Int64(next() >> (64 - bits))
        return maximum == .max ? value : value % (maximum + 1)
    }

    package mutating func chance(percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

    package mutating func chance(permille: Int) -> Bool { Int.random(in: 0..<1000, using: &self) < permille }

    package mutating func pick<Element>(_ elements: [Element]) -> Element { elements[int(0...elements.count - 1)] }

    package mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    package mutating func int64(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &self) }

    /// A random name made of characters that the API accepts.
    package mutating func name(_ lengths: ClosedRange<Int> = 1...128) -> String {
        let characters = Array("ABCXYZabcxyz0189._:/@+|=-")
        return String((0..<Int.random(in: lengths, using: &self)).map { _ in pick(characters) })
    }
}

/// The seeds of every property test. A failure names its seed.
package let seeds: [UInt64] = [1, 20_260_711, 0xDEAD_BEEF]
