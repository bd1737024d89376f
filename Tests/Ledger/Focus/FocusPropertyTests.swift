import Accounting
import Postgres
import SeededRandom
import Testing

@testable import Finance
@testable import Ledger

@Suite("FOCUS files") struct FocusPropertyTests {
    private struct Key: Hashable {
        let day: CalendarDay
        let team: String
        let provider: String
    }

    private func export(
        _ month: CalendarMonth, _ connection: Connection, _ version: FOCUSVersion = .v1_2
    ) throws -> FOCUSExport {
        return try FOCUSExport(
            FOCUSFile(month: month, version: version, account: .unnamed, connection), connection)
    }

    private func charges(_ month: CalendarMonth, _ connection: Connection) throws -> [FOCUSCharge] {
        let export = try export(month, connection)
        return try export.portions.flatMap { try export.charges($0, connection) }
    }

    private func text(_ month: CalendarMonth, _ connection: Connection) throws -> String {
        let export = try export(month, connection)
        return export.header + export.text(try charges(month, connection))
    }

    /// What the ledger's entries say, in 1e-22 USD.
    private func ledger(_ month: CalendarMonth, _ connection: Connection) throws -> [Key: [Int128]] {
        let rows = try connection.query(
            """
            SELECT day, team, provider, sum(COALESCE(effective_cost_nanodollars, 0)), sum(COALESCE(list_cost_nanodollars, 0))
            FROM ledger WHERE booking_month = \(month.firstDay) GROUP BY 1, 2, 3
            """
        ).map { row in
            let (day, team, provider, cost, list) = try row.decode(
                (CalendarDay, String, String, Int128, Int128).self)
            return (
                Key(day: day, team: team, provider: provider),
                [cost, list].map { $0 * FOCUSDecimal.unitsPerNanodollar }
            )
        }
        return Dictionary(uniqueKeysWithValues: rows).filter { $0.value != [0, 0] }
    }

    private func sums(_ charges: [FOCUSCharge]) -> [Key: [Int128]] {
        var sums: [Key: [Int128]] = [:]
        for charge in charges where charge.category != "Credit" {
            let key = Key(day: charge.day, team: charge.team, provider: charge.provider)
            let before = sums[key] ?? [0, 0]
            sums[key] = [before[0] + charge.cost, before[1] + charge.listCost]
        }
        return sums.filter { $0.value != [0, 0] }
    }

    @Test(
        "come to the ledger to the last place, whatever came late, was rated again, taken back or paid",
        arguments: seeds)
    func amounts(seed: UInt64) async throws {
        try await LedgerFixture.with { fixture in
            var months = try RandomMonths(fixture, seed: seed)
            var closed: [CalendarMonth: String] = [:]
            var kinds: Set<String> = []
            var corrections = 0
            for round in 1...3 {
                try await months.play(steps: 80)
                if round == 2 { try months.fold() }
                for month in months.closed where closed[month] == nil {
                    closed[month] = try text(month, months.connection)
                }
                for month in RandomMonths.months {
                    let charges = try charges(month, months.connection)
                    #expect(try sums(charges) == ledger(month, months.connection), "\(month) of seed \(seed)")
                    kinds.formUnion(charges.map { $0.priceStatus ?? $0.category })
                    corrections += charges.count { $0.day < month.firstDay }
                    try checkRows(charges, month, months.connection)
                }
            }
            try months.fold()
            for (month, before) in closed { #expect(try text(month, months.connection) == before) }
            #expect(kinds == ["Priced", "Unpriced", "Adjustment", "Credit"])
            #expect(corrections > 20 && months.corrections > 20 && months.reversals > 5 && closed.count > 1)
            try fixture.expectNoProblems()
            await months.drain()
        }
    }

    private func checkRows(_ charges: [FOCUSCharge], _ month: CalendarMonth, _ connection: Connection) throws {
        for charge in charges where charge.isUsage {
            #expect(charge.listPrice * charge.billedQuantity == charge.listCost)
        }
        let paid = try connection.query(
            """
            SELECT COALESCE(sum(drawn_nanodollars), 0) FROM credits_paid(\(month.firstDay))
            WHERE booking_month = \(month.firstDay)
            """)[0].decode(Int128.self, at: 0)
        let credits = charges.filter { $0.category == "Credit" }.reduce(Int128(0)) { $0 + $1.cost }
        #expect(credits == -paid * FOCUSDecimal.unitsPerNanodollar)
        for version in FOCUSVersion.allCases {
            let file = try export(month, connection, version).file
            let columns = [FOCUSColumn<FOCUSCharge>].of(version)
            var verification = FOCUSVerification(header: columns.map(\.name))
            for (index, charge) in charges.enumerated() {
                verification.check(columns.map { $0.value(charge, file) ?? "" }, line: index + 2)
            }
            verification.check(total: charges.reduce(0) { $0 + $1.cost })
            #expect(verification.findings == [])
        }
    }

    @Test("have all columns of their version, in the order of the alphabet and their own last") func columns() {
        for (version, count) in [(FOCUSVersion.v1_2, 57), (.v1_4, 65)] {
            let names = [FOCUSColumn<FOCUSCharge>].of(version).map(\.name)
            let own = names.filter { $0.hasPrefix("x_") }
            #expect(names.count - own.count == count && names.suffix(own.count) == own[...])
            #expect(names.dropLast(own.count) == names.dropLast(own.count).sorted()[...] && own == own.sorted())
            #expect(Set(names).count == names.count)
        }
        #expect(FOCUSColumn<String>.billingPeriod.count == 6 && FOCUSColumn<FOCUSInvoiceLine>.invoiceDetail.count == 22)
    }

    @Test("of invoices come to the rows, and say whether the month is closed") func invoices() async throws {
        try await LedgerFixture.with { fixture in
            var months = try RandomMonths(fixture, seed: 7)
            try await months.play(steps: 200)
            for month in RandomMonths.months {
                let rows = try charges(month, months.connection)
                var invoices = FOCUSInvoices()
                invoices.add(rows)
                #expect(invoices.lines.reduce(0) { $0 + $1.billed } == rows.reduce(0) { $0 + $1.cost })
                let file = try export(month, months.connection, .v1_4).file
                let isClosed = months.closed.contains(month)
                let periods = invoices.text(.billingPeriod, file).split(whereSeparator: \.isNewline)
                #expect(periods.count == invoices.providers.count + 1)
                #expect(periods.dropFirst().allSatisfy { $0.contains(isClosed ? ",Closed," : ",Open,") })
                let details = invoices.text(.invoiceDetail, file).split(whereSeparator: \.isNewline)
                #expect(details.count == invoices.lines.count + 1)
                #expect(details.dropFirst().allSatisfy { $0.contains(isClosed ? ",Issued," : ",Open,") })
            }
            await months.drain()
        }
    }
}
