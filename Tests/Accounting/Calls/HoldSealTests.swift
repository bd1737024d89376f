import SeededRandom
import Testing

@testable import Accounting

@Suite("A sealed hold") struct HoldSealTests {
    private static let seal = HoldSeal(keys: [1: [UInt8](repeating: 7, count: 32)])

    private static func hold(using random: inout SplitMix64) -> Hold {
        func maybe(_ name: String) -> String? { random.chance(percent: 50) ? name : nil }
        func integer() -> Int64 { random.chance(percent: 50) ? random.anySize() : -random.anySize() }
        let tags = (0..<Int.random(in: 0...4, using: &random)).map {
            Accounting.Tag(key: "k\($0)", value: random.name(1...40))
        }
        let who = Attribution(
            team: random.name(), feature: maybe(random.name()), user: maybe(random.name()), run: maybe("läuft"),
            tags: tags)
        let charges = (0..<Int.random(in: 0...12, using: &random)).map { _ in
            Hold.Charge(
                windowID: integer(), budgetNumber: integer(), amount: integer(), isLeased: random.chance(percent: 50))
        }
        return Hold(
            id: HoldID(replicaID: random.anySize(), number: random.anySize()), requestID: random.name(), who: who,
            requestedModel: random.name(),
            model: ModelName(provider: random.chance(percent: 20) ? "" : "openai", model: random.name()),
            tier: random.pick(ServiceTier.allCases), region: maybe(random.name()),
            estimate: random.chance(percent: 20) ? nil : Money(nanodollars: random.anySize()),
            authorizedAt: Timestamp(microseconds: integer()), expiresAt: Timestamp(microseconds: integer()),
            charges: charges)
    }

    @Test("opens as the same hold, under an id that fits in a URL", arguments: seeds)
    func roundTrip(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<500 {
            let hold = Self.hold(using: &random)
            let id = try #require(Self.seal.seal(hold))
            #expect(Self.seal.open(id) == hold, "seed \(seed)")
            #expect(Self.seal.seal(hold) == id, "seed \(seed)")
            #expect(id.utf8.count <= HoldSeal.maximumCharacters && Base64URL.decode(id) != nil)
        }
    }

    @Test("survives the extremes of its numbers")
    func extremes() throws {
        let charge = Hold.Charge(windowID: .max, budgetNumber: .min, amount: -1, isLeased: true)
        let hold = Hold(
            id: HoldID(replicaID: .max, number: .max), requestID: "", who: Attribution(team: ""), requestedModel: "",
            model: ModelName(provider: "", model: ""), tier: .flex, estimate: .zero,
            authorizedAt: Timestamp(microseconds: .min), expiresAt: Timestamp(microseconds: .max), charges: [charge])
        #expect(Self.seal.open(try #require(Self.seal.seal(hold))) == hold)
    }

    @Test("does not open with any one character changed, cut or added", arguments: seeds)
    func tampering(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let id = Array(try #require(Self.seal.seal(Self.hold(using: &random))))
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        for index in id.indices {
            for replacement in [random.pick(alphabet.filter { $0 != id[index] }), "=", "é"] {
                var changed = id
                changed[index] = replacement
                #expect(Self.seal.open(String(changed)) == nil, "seed \(seed): character \(index) is \(replacement)")
            }
            #expect(Self.seal.open(String(id[..<index])) == nil, "seed \(seed): cut at \(index)")
            #expect(Self.seal.open(String(id[(index + 1)...])) == nil, "seed \(seed): cut up to \(index)")
        }
        for more in ["A", "AA", "AAAA", "=", "\n", " "] {
            #expect(Self.seal.open(String(id) + more) == nil)
            #expect(Self.seal.open(more + String(id)) == nil)
        }
    }

    @Test("does not open under another key or version, and opens under every version that is kept")
    func keys() throws {
        var random = SplitMix64(seed: 3)
        let (old, new) = ([UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32))
        let hold = Self.hold(using: &random)
        let before = HoldSeal(keys: [4: old])
        let after = HoldSeal(keys: [4: old, 5: new])
        let (oldID, newID) = (try #require(before.seal(hold)), try #require(after.seal(hold)))
        #expect(oldID != newID)
        #expect(after.open(oldID) == hold)
        #expect(after.open(newID) == hold)
        #expect(before.open(newID) == nil)
        #expect(HoldSeal(keys: [4: new]).open(oldID) == nil)
        #expect(HoldSeal(keys: [5: new]).open(oldID) == nil)
        // The same key under another number is another key.
        #expect(HoldSeal(keys: [9: old]).open(oldID) == nil)
    }

    @Test("is not made where its id would be too long, and nothing longer is looked at")
    func oversized() throws {
        let charge = Hold.Charge(windowID: .max, budgetNumber: .max, amount: .max, isLeased: true)
        func hold(charges: Int) -> Hold {
            Hold(
                id: HoldID(replicaID: 1, number: 1), requestID: "r", who: Attribution(team: "t"), requestedModel: "m",
                model: .test, tier: .standard, estimate: .zero, authorizedAt: Timestamp(seconds: 0),
                expiresAt: Timestamp(seconds: 600), charges: Array(repeating: charge, count: charges))
        }
        #expect(Self.seal.seal(hold(charges: 500)) == nil)
        let longest = try #require((0..<500).last { Self.seal.seal(hold(charges: $0)) != nil })
        #expect(try #require(Self.seal.seal(hold(charges: longest))).utf8.count > 4000)
        #expect(Self.seal.open(String(repeating: "A", count: 4097)) == nil)
        #expect(Self.seal.open(String(repeating: "A", count: 4096)) == nil)
        #expect(Self.seal.open("") == nil)
    }
}
