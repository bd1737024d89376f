import Accounting
import Postgres
import SeededRandom
import Testing

@testable import Ledger

/// Months of random events in random order: calls, late calls and corrections, credits added and withdrawn, months
/// closed and opened again.
@Suite("What credits pay") struct CreditPropertyTests {
    private static let months = (1...6).map { CalendarMonth(number: 2026 * 12 + $0 - 1) }
    private static let providers = ["maker", "other"]
    private static let teams = ["T", "t", "u"]
    private static let models = ["haiku", "opus"]

    @Test("is what the rules say, nanodollar by nanodollar, and stays in closed months", arguments: seeds)
    func rules(seed: UInt64) async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            for team in Self.teams { _ = try TeamStore.create(team, connection) }
            var generator = SplitMix64(seed: seed)
            var reference = CreditReference()
            for step in 1...400 {
                var isCompared = step % 10 == 0
                switch Int.random(in: 0..<100, using: &generator) {
                case 0..<78: try Self.book(&reference, &generator, connection)
                case 78..<93: Self.add(&reference, &generator, number: step, connection)
                case 93: try Self.withdraw(&reference, &generator, connection)
                case 94..<96:
                    guard let month = Self.months.last(where: { reference.isClosed($0) }) else { continue }
                    reference.reopen(month)
                    try connection.reopen(month.description)
                    isCompared = true
                default:
                    // In order, and one month stays open.
                    let month = Self.months.dropLast().first { !reference.isClosed($0) }
                    guard step > 40, let month else { continue }
                    reference.close(month)
                    try connection.close(month.description)
                }
                // Some days are kept, at any moment and as far as it goes.
                if generator.chance(percent: 20) {
                    _ = try CreditDays.keep(sums: Int.random(in: 1...20, using: &generator), connection)
                }
                guard isCompared else { continue }
                let expected = reference.draws()
                let found = try Self.draws(connection)
                #expect(found == expected, "step \(step) of seed \(seed)")
                guard found == expected else { return }
                let paid = try Self.paid(connection)
                #expect(paid == Self.byTeam(found), "step \(step) of seed \(seed), with kept days")
                guard paid == Self.byTeam(found) else { return }
            }
            while try CreditDays.keep(sums: 20, connection) > 0 {}
            #expect(try fixture.count("credit_day") > 0 && Self.paid(connection) == Self.byTeam(Self.draws(connection)))
            #expect(try fixture.count("credit_day_change") == 0)
            #expect(reference.draws().count > 20 && Self.months.contains { reference.isClosed($0) })
        }
    }

    private static func book(
        _ reference: inout CreditReference, _ generator: inout SplitMix64, _ connection: Connection
    ) throws {
        var month = generator.pick(months)
        let day = CalendarDay(daysSince1970: month.firstDay.daysSince1970 + Int.random(in: 0...3, using: &generator))
        let bucket = CreditReference.Bucket(
            day: day, team: generator.pick(teams), provider: generator.pick(providers), model: generator.pick(models))
        let isLate = reference.isClosed(month)
        while reference.isClosed(month) { month = month.next }
        // What comes late takes back more often than it adds, so that credits are given back.
        let cost =
            generator.chance(percent: isLate ? 30 : 75)
            ? Int64.random(in: 1...20, using: &generator) : -Int64.random(in: 1...20, using: &generator)
        reference.book(cost, bucket, in: month)
        try connection.book(
            cost, on: day.description, in: month.description, team: bucket.team, provider: bucket.provider,
            model: bucket.model)
    }

    /// Adds a random credit. The store refuses it where it would begin in a closed month.
    private static func add(
        _ reference: inout CreditReference, _ generator: inout SplitMix64, number: Int, _ connection: Connection
    ) {
        func maybe(_ names: [String]) -> String? { generator.chance(percent: 50) ? generator.pick(names) : nil }
        func day() -> CalendarDay {
            let first = generator.pick(months).firstDay.daysSince1970
            return CalendarDay(daysSince1970: first + Int.random(in: 0...4, using: &generator))
        }
        let (from, until) = (day(), generator.chance(percent: 60) ? day() : nil)
        let credit = Credit(
            id: "\(generator.pick(["a", "B", "c"]))\(number)", provider: generator.pick(providers),
            model: maybe(models),
            team: maybe(teams), amount: Money(nanodollars: Int64.random(in: 1...60, using: &generator)),
            validFrom: from, validUntil: until.flatMap { $0 > from ? $0 : nil })
        guard let added = try? CreditStore.add(credit, addedBy: "test", connection) else { return }
        reference.credits.append(added.stored.credit)
    }

    /// Withdraws a random credit. The store refuses that where the credit has paid in a closed month.
    private static func withdraw(
        _ reference: inout CreditReference, _ generator: inout SplitMix64, _ connection: Connection
    ) throws {
        guard let credit = reference.credits.randomElement(using: &generator) else { return }
        do {
            try CreditStore.withdraw(credit.id, by: "test", connection)
        } catch is StoreFailure {
            return
        }
        reference.credits.removeAll { $0.id == credit.id }
    }

    /// What credits have paid, as readers see it: by credit, month and team, without what adds up to zero.
    private static func paid(_ connection: Connection) throws -> [[String]: Int64] {
        let rows = try connection.query(
            "SELECT credit_id, booking_month, team, drawn_nanodollars FROM credits_paid('infinity')"
        ).map { row in
            let (credit, month, team, nanodollars) = try row.decode((String, CalendarDay, String, Int64).self)
            return ([credit, month.description, team], nanodollars)
        }
        return Dictionary(rows) { $0 + $1 }.filter { $0.value != 0 }
    }

    private static func byTeam(_ draws: [CreditReference.Draw: Int64]) -> [[String]: Int64] {
        let rows = draws.map { draw, nanodollars in
            ([draw.credit, draw.month.firstDay.description, draw.bucket.team], nanodollars)
        }
        return Dictionary(rows) { $0 + $1 }.filter { $0.value != 0 }
    }

    private static func draws(_ connection: Connection) throws -> [CreditReference.Draw: Int64] {
        let rows = try connection.query(
            """
            SELECT credit_id, booking_month, day, team, provider, model, drawn_nanodollars FROM credits_drawn('infinity')
            """
        ).map { row in
            let (credit, month, day, team, provider, model, nanodollars) = try row.decode(
                (String, CalendarDay, CalendarDay, String, String, String, Int64).self)
            let bucket = CreditReference.Bucket(day: day, team: team, provider: provider, model: model)
            return (CreditReference.Draw(credit: credit, month: month.month, bucket: bucket), nanodollars)
        }
        return Dictionary(rows) { _, _ in preconditionFailure("a draw is there twice") }
    }
}
