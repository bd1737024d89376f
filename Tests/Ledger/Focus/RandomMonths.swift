import Accounting
import Finance
import Postgres
import Pricing
import SeededRandom
import Testing

@testable import Ledger

/// Half a year of calls as replicas book them: with prices that round badly, batches, least quantities and agreements; late
/// for closed months, without a price, priced and rated again later, disputed and taken back, and paid by credits.
struct RandomMonths {
    static let months = (1...6).map { CalendarMonth(number: 2026 * 12 + $0 - 1) }
    private static let teams = ["t", "u", "-v"]
    /// The last one never gets a price.
    private static let models = ["opus", "haiku", "whisper", "new", "nameless"]

    let fixture: LedgerFixture
    let connection: Connection
    private let replica: Replica
    private var random: SplitMix64
    private var step = 0
    private var reported: [LedgerEntry] = []
    private(set) var closed: [CalendarMonth] = []
    /// How many corrections and reversals were booked.
    private(set) var corrections = 0
    private(set) var reversals = 0

    init(_ fixture: LedgerFixture, seed: UInt64) throws {
        self.fixture = fixture
        connection = try fixture.withoutMaintenance()
        random = SplitMix64(seed: seed)
        for team in Self.teams { _ = try TeamStore.create(team, connection) }
        var details = Team.Patch()
        details.costCenter = "4711"
        _ = try TeamStore.change("u", details, connection)
        try Self.price(
            """
              opus:
                prices: [{from: 2020-01-01, standard: {input_tokens: "2.999999999", output_tokens: "15.000000007",
                  cache_read_tokens: "0.3"}}]
              haiku:
                prices: [{from: 2020-01-01, standard: {input_tokens: "0.333333333", output_tokens: "1.7"},
                  batch: {output_tokens: "0.9"}}]
              whisper:
                prices: [{from: 2020-01-01, each: {audio_input_seconds: {price: "0.000001234567891", least: 10}}}]
            """, connection)
        try Self.agree("share", team: "u", .share(Fraction(millionths: 777_777)), connection)
        let rate = AgreedRate(
            meter: "output_tokens", tier: .standard, aboveContextTokens: 0, femtodollarsPerUnit: 123_456_789)
        try Self.agree("rates", team: "t", model: "haiku", .rates([rate]), connection)
        replica = try fixture.replica()
    }

    private static func agree(
        _ name: String, team: String, model: String? = nil, _ terms: AgreementDraft.Terms, _ connection: Connection
    ) throws {
        let draft = AgreementDraft(
            name: name, team: team, provider: "maker", model: model, terms: terms,
            validFrom: Timestamp(dayOrTime: "2026-01-01")!, validUntil: nil, note: "")
        _ = try AgreementStore.put(draft, changedBy: "test", connection)
    }

    private static func price(_ models: String, _ connection: Connection) throws {
        let file = try LedgerFixture.priceFile(of: "maker", models + "\n", isMaker: true)
        _ = try PriceStore.add([file], from: .asWritten, isDryRun: false, connection)
    }

    mutating func play(steps: Int) async throws {
        for _ in 1...steps {
            step += 1
            switch random.int(0...99) {
            case 0..<72: try await report(step)
            case 72..<82: try await dispute()
            case 82..<92: try await rateAgain()
            case 92..<97: try addCredit(step)
            default: try closeNext()
            }
        }
    }

    private mutating func moment() -> Timestamp {
        let month = random.pick(Self.months)
        return month.firstDay.startUTC.adding(seconds: random.int64(0...4) * 86_400 + random.int64(0...86_399))
    }

    private mutating func quantities(of model: String) -> Quantities {
        var quantities = Quantities()
        if model == "whisper" {
            quantities.add(.audioInputSeconds, random.int64(1...30))
        } else {
            quantities.add(.input, random.int64(0...1_000))
            quantities.add(.cacheRead, random.int64(0...50))
            quantities.add(.output, random.int64(0...300))
        }
        return quantities
    }

    private mutating func report(_ step: Int) async throws {
        let model = ModelName(provider: "maker", model: random.pick(Self.models))
        let (at, quantities) = (moment(), quantities(of: model.model))
        let who = Attribution(team: random.pick(Self.teams), feature: random.chance(percent: 50) ? "f" : nil)
        let tier: ServiceTier = random.chance(percent: 30) ? .batch : .standard
        try await book(
            LedgerEntry(
                occurredAt: at, recordedAt: SystemClock.wallTime(), source: "job", requestID: "r\(step)", who: who,
                requestedModel: model.model, model: model, tier: tier,
                usage: Usage(format: .purser, quantities: quantities, raw: nil, residualTokens: 0),
                rated: rated(quantities, who.team, model, tier, at)), "recorded")
    }

    private func rated(
        _ quantities: Quantities, _ team: String, _ model: ModelName, _ tier: ServiceTier, _ at: Timestamp
    ) -> RatedCall {
        replica.configuration.rater.rate(quantities, of: team, on: model, tier: tier, region: nil, at: at)
    }

    private mutating func book(_ entry: LedgerEntry, _ word: String) async throws {
        #expect(await replica.report(entry).word == word)
        reported.append(entry)
    }

    /// Something else is reported under an id, and it is right.
    private mutating func dispute() async throws {
        guard !reported.isEmpty else { return }
        var entry = reported.remove(at: random.int(0...reported.count - 1))
        let quantities = quantities(of: entry.model.model)
        guard quantities != entry.usage.quantities, !quantities.lines.isEmpty else { return }
        entry.usage = Usage(format: .purser, quantities: quantities, raw: nil, residualTokens: 0)
        entry.rated = rated(quantities, entry.who.team, entry.model, entry.tier, entry.occurredAt)
        #expect(await replica.report(entry).word == "conflict")
        let number: Int64 = try connection.query("SELECT max(disputed_id) FROM disputed")[0].decode(at: 0)
        let usage = try #require(try RefusedUsage(number, connection))
        #expect(await replica.accept(usage, DisputeDecision(author: "finance", reason: "why")).word == "recorded")
        reversals += 1
    }

    private mutating func rateAgain() async throws {
        let month = random.pick(Self.months)
        let price = "\(random.int(0...3)).\(random.int(1...999_999_999))"
        try Self.price(
            """
              \(random.pick(["opus", "haiku", "new"])):
                prices: [{from: \(month.firstDay), standard: {input_tokens: "\(price)", output_tokens: "7.77"}}]
            """, connection)
        corrections += Int(try await CorrectionRun(RerateScope(), on: replica, isDryRun: false).run().correctedCalls)
    }

    private mutating func addCredit(_ step: Int) throws {
        let first = random.pick(Self.months).firstDay
        let credit = Credit(
            id: "c\(step)", provider: "maker", model: random.chance(percent: 30) ? "opus" : nil,
            team: random.chance(percent: 50) ? random.pick(Self.teams) : nil,
            amount: Money(nanodollars: random.int64(1...5_000_000)), validFrom: first, validUntil: nil)
        // One that would begin in a closed month is refused.
        _ = try? CreditStore.add(credit, addedBy: "test", connection)
    }

    /// The first months are closed once there are calls in all of them.
    private mutating func closeNext() throws {
        guard step > 25, closed.count < Self.months.count - 1 else { return }
        let month = Self.months[closed.count]
        try connection.close(month.description)
        closed.append(month)
    }

    func fold() throws { try MeterSums.foldAll(connection) }

    func drain() async { await replica.drain() }
}

extension MeterSums {
    static func foldAll(_ connection: Connection) throws {
        while try fold.run(takesSmall: true, connection).entries > 0 {}
    }
}
