import SeededRandom
import Testing

@testable import Accounting

@Suite("A sealed hold") struct HoldTokenCipherTests {
    private static let holdTokens = HoldTokenCipher(keys: [1: [UInt8](repeating: 7, count: 32)])

    private static func hold(using random: inout SplitMix64) -> Hold {
        func maybe(_ name: String) -> String? { random.chance(percent: 50) ? name : nil }
        func integer() -> Int64 { random.chance(percent: 50) ? random.anySize() : -random.anySize() }
        let tags = (0..<Int.random(in: 0...4, using: &random)).map {
            Accounting.Tag(key: "k\($0)", value: random.name(1...40))
        }
        let who = Attribution(
            team: random.name(), feature: maybe(random.name()), user: maybe(random.name()), run: maybe("läuft"),
            tags: tags,
            named: random.chance(percent: 20)
                ? NamedPlace(FeaturePlace(team: random.name(), feature: random.name())) : nil)
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
            declared: random.chance(percent: 30)
                ? nil
                : Hold.Declared(
                    inputTokens: random.anySize(), cachedInputTokens: random.anySize(), outputTokens: random.anySize(),
                    inputCost: Money(nanodollars: random.anySize())),
            authorizedAt: Timestamp(microseconds: integer()), expiresAt: Timestamp(microseconds: integer()),
            charges: charges)
    }

    @Test("opens as the same hold, under an id that fits in a URL", arguments: seeds)
    func roundTrip(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<500 {
            let hold = Self.hold(using: &random)
            let id = try #require(Self.holdTokens.encrypt(hold))
            #expect(Self.holdTokens.decrypt(id) == hold, "seed \(seed)")
            #expect(Self.holdTokens.encrypt(hold) == id, "seed \(seed)")
            #expect(id.utf8.count <= HoldTokenCipher.maximumCharacters && Base64URL.decode(id) != nil)
        }
    }

    @Test("survives the extremes of its numbers")
    func extremes() throws {
        let charge = Hold.Charge(windowID: .max, budgetNumber: .min, amount: -1, isLeased: true)
        let hold = Hold(
            id: HoldID(replicaID: .max, number: .max), requestID: "", who: Attribution(team: ""), requestedModel: "",
            model: ModelName(provider: "", model: ""), tier: .flex, estimate: .zero,
            authorizedAt: Timestamp(microseconds: .min), expiresAt: Timestamp(microseconds: .max), charges: [charge])
        #expect(Self.holdTokens.decrypt(try #require(Self.holdTokens.encrypt(hold))) == hold)
    }

    @Test("does not open with any one character changed, cut or added", arguments: seeds)
    func tampering(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let id = Array(try #require(Self.holdTokens.encrypt(Self.hold(using: &random))))
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        for index in id.indices {
            for replacement in [random.pick(alphabet.filter { $0 != id[index] }), "=", "é"] {
                var changed = id
                changed[index] = replacement
                #expect(
                    Self.holdTokens.decrypt(String(changed)) == nil,
                    "seed \(seed): character \(index) is \(replacement)")
            }
            #expect(Self.holdTokens.decrypt(String(id[..<index])) == nil, "seed \(seed): cut at \(index)")
            #expect(Self.holdTokens.decrypt(String(id[(index + 1)...])) == nil, "seed \(seed): cut up to \(index)")
        }
        for more in ["A", "AA", "AAAA", "=", "\n", " "] {
            #expect(Self.holdTokens.decrypt(String(id) + more) == nil)
            #expect(Self.holdTokens.decrypt(more + String(id)) == nil)
        }
    }

    @Test("does not open under another key or version, and opens under every version that is kept")
    func keys() throws {
        var random = SplitMix64(seed: 3)
        let (old, new) = ([UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32))
        let hold = Self.hold(using: &random)
        let before = HoldTokenCipher(keys: [4: old])
        let after = HoldTokenCipher(keys: [4: old, 5: new])
        let (oldID, newID) = (try #require(before.encrypt(hold)), try #require(after.encrypt(hold)))
        #expect(oldID != newID)
        #expect(after.decrypt(oldID) == hold)
        #expect(after.decrypt(newID) == hold)
        #expect(before.decrypt(newID) == nil)
        #expect(HoldTokenCipher(keys: [4: new]).decrypt(oldID) == nil)
        #expect(HoldTokenCipher(keys: [5: new]).decrypt(oldID) == nil)
        // The same key under another number counts as another key.
        #expect(HoldTokenCipher(keys: [9: old]).decrypt(oldID) == nil)
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
        #expect(Self.holdTokens.encrypt(hold(charges: 500)) == nil)
        let longest = try #require((0..<500).last { Self.holdTokens.encrypt(hold(charges: $0)) != nil })
        #expect(try #require(Self.holdTokens.encrypt(hold(charges: longest))).utf8.count > 4000)
        #expect(Self.holdTokens.decrypt(String(repeating: "A", count: 4097)) == nil)
        #expect(Self.holdTokens.decrypt(String(repeating: "A", count: 4096)) == nil)
        #expect(Self.holdTokens.decrypt("") == nil)
    }
}
