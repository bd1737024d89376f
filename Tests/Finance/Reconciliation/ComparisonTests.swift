import Accounting
import Finance
import Testing

/// A month of one model that costs 2 nanodollars an input token, 1 a cached one and 4 an output token.
@Suite("A comparison with a provider's file") struct ComparisonTests {
    private static let month = CalendarMonth(text: "2026-10")!

    private static func ours(
        _ day: Int, _ model: String = "m", input: Int64 = 1_000, cached: Int64 = 500, output: Int64 = 100,
        calls: Int64 = 3
    ) -> LedgerDay {
        var found = LedgerDay(
            day: CalendarDay(year: 2026, month: 10, day: day)!, model: ModelName(provider: "maker", model: model))
        (found.calls, found.promptTokens, found.cacheReadTokens) = (calls, input + cached, cached)
        found.outputTokens = output
        found.costNanodollars = input * 2 + cached + output * 4
        return found
    }

    /// Lines of the plain form, amounts in nanodollars.
    private static func theirs(
        _ day: String, _ model: String = "m", input: Int64 = 1_000, cached: Int64 = 500, output: Int64 = 100,
        cachedPrice: Int64 = 1, account: String? = nil
    ) -> [ProviderLine] {
        let parts: [(UsagePart, Int64, Int64)] = [
            (.input, input, 2), (.cacheRead, cached, cachedPrice), (.output, output, 4),
        ]
        return parts.enumerated().map { index, part in
            var line = ProviderLine(place: index, day: CalendarDay(text: day)!)
            (line.model, line.part, line.account) = (model, part.0, account)
            (line.quantity, line.amount) = (ExactDecimal(part.1), ExactDecimal(nanodollars: part.1 * part.2))
            return line
        }
    }

    private static func compare(
        _ lines: [ProviderLine], _ ours: [LedgerDay], days: ClosedRange<Int> = 1...31, zone: String = "UTC"
    ) -> Reconciliation {
        var file = ProviderFile()
        file.lines = lines
        file.days = Set(days.map { CalendarDay(year: 2026, month: 10, day: $0)! }).union(lines.map(\.day))
        let found = Comparison.reconcile(
            file, with: ours, of: month, providers: ["maker"], PriceBook.empty, zone: Zone.shared(zone)!)
        // Whatever is found, it is the whole difference.
        #expect(found.ours == ours.reduce(0) { $0 + $1.costNanodollars })
        #expect(found.theirs == found.theirsExact.nanodollars)
        return found
    }

    /// `kind day difference` of what is not matched.
    private static func text(_ found: Reconciliation) -> [String] {
        found.lines.filter { $0.kind != .matched }.map {
            "\($0.kind.rawValue) \($0.day?.description ?? "-") \($0.difference)"
        }
    }

    @Test("finds nothing where both say the same, snapshots and other spellings included")
    func matched() {
        let lines = Self.theirs("2026-10-01") + Self.theirs("2026-10-02", "Big M 2026-01-31")
        let found = Self.compare(lines, [Self.ours(1), Self.ours(2, "big-m")])
        #expect(Self.text(found) == [] && found.lines.count == 2 && found.warnings == [])
    }

    @Test("names each difference")
    func kinds() {
        let ours = (1...8).map { Self.ours($0) } + [Self.ours(30)]
        var tax = ProviderLine(place: 1, day: CalendarDay(text: "2026-10-01")!)
        (tax.kind, tax.amount) = (.tax, ExactDecimal(nanodollars: 77))
        var credit = tax
        (credit.kind, credit.amount) = (.credit, ExactDecimal(nanodollars: -1_000))
        let lines =
            Self.theirs("2026-10-01") + Self.theirs("2026-10-02", cachedPrice: 3)
            + Self.theirs("2026-10-04", input: 1_500) + Self.theirs("2026-10-05", "shadow")
            + Self.theirs("2026-10-05") + Self.theirs("2026-10-06", input: 800)
            + Self.theirs("2026-10-07", input: 1_200) + Self.theirs("2026-10-08") + [tax, credit]
        #expect(
            Self.text(Self.compare(lines, ours, days: 1...20)) == [
                "price 2026-10-02 1000", "only_ours 2026-10-03 -2900", "quantity 2026-10-04 1000",
                "only_theirs 2026-10-05 2900", "timing 2026-10-06 -400", "timing 2026-10-07 400", "timing - -2900",
                "credit - -1000", "tax - 77",
            ])
    }

    @Test("takes a key that goes round Purser out of what it bills with others")
    func bypass() {
        let lines =
            Self.theirs("2026-10-01", account: "k1") + Self.theirs("2026-10-02", cachedPrice: 3, account: "k1")
            + Self.theirs("2026-10-02", input: 7, cached: 0, output: 1, account: "k2")
        let found = Self.compare(lines, [Self.ours(1), Self.ours(2)])
        #expect(Self.text(found) == ["only_theirs 2026-10-02 18", "price 2026-10-02 1000"])
        #expect(found.lines.first { $0.kind == .onlyTheirs }?.detail?.contains("k2") == true)
    }

    @Test("parts what other tokens are worth from what another price is")
    func both() {
        let found = Self.compare(
            Self.theirs("2026-10-01", cached: 600, cachedPrice: 3), [Self.ours(1)])
        #expect(Self.text(found) == ["quantity 2026-10-01 300", "price 2026-10-01 1000"])
        #expect(found.lines[0].detail == "The file has 100 cache_read_tokens more than the ledger.")
    }

    @Test("finds a rate in amounts without quantities, because it is the same every day")
    func inferred() {
        func lines(_ day: String, input: Int64 = 1_000) -> [ProviderLine] {
            Self.theirs(day, input: input, cachedPrice: 3).map {
                var line = $0
                line.quantity = nil
                return line
            }
        }
        let days = lines("2026-10-01") + lines("2026-10-02") + lines("2026-10-03", input: 1_100)
        let found = Self.compare(days, (1...3).map { Self.ours($0) })
        #expect(
            Self.text(found) == [
                "price 2026-10-01 1000", "price 2026-10-02 1000", "quantity 2026-10-03 200", "price 2026-10-03 1000",
            ])
    }

    @Test("leaves one line of what cannot be named")
    func unexplained() {
        let lines = (1...3).flatMap { day in
            Self.theirs("2026-10-0\(day)", input: 1_000 + Int64(day)).map { line in
                var line = line
                (line.quantity, line.part) = (nil, nil)
                return line
            }
        }
        let found = Self.compare(lines, (1...3).map { Self.ours($0, calls: 1) })
        #expect(Self.text(found) == ["unexplained - 12"])
    }

    @Test("compares days alone where the file names no models")
    func withoutModels() {
        let lines = [1, 3].map { day in
            var line = ProviderLine(place: day, day: CalendarDay(year: 2026, month: 10, day: day)!)
            line.amount = ExactDecimal(nanodollars: 5_800)
            return line
        }
        let ours = (1...3).flatMap { [Self.ours($0), Self.ours($0, "other")] }
        #expect(Self.text(Self.compare(lines, ours)) == ["only_ours 2026-10-02 -5800"])
    }

    @Test("calls what the provider rounds rounding, and keeps places beyond the nanodollar")
    func rounding() {
        var cents = Self.theirs("2026-10-01")[0]
        cents.amount = ExactDecimal("0.01")
        (cents.quantity, cents.part) = (nil, nil)
        let near = Self.ours(1, input: 3_000_000, cached: 0, output: 1_000_000)
        #expect(Self.text(Self.compare([cents], [near])) == [])
        let far = Self.ours(1, input: 1_000_000, cached: 0, output: 1_000_000)
        #expect(Self.text(Self.compare([cents], [far])) == ["rounding 2026-10-01 4000000"])
        let thirds = (1...3).map { day in
            var line = Self.theirs("2026-10-0\(day)")[0]
            line.amount = ExactDecimal("0.0000000014")
            return line
        }
        #expect(Self.text(Self.compare(thirds, [])).last == "rounding - 1")
    }

    @Test("says that days begin at other hours, and compares whole months then")
    func zone() {
        let lines = Self.theirs("2026-10-01", input: 900) + Self.theirs("2026-10-02", input: 1_100)
        let found = Self.compare(lines, [Self.ours(1), Self.ours(2)], zone: "Europe/Berlin")
        #expect(Self.text(found) == ["timing - 0"] && found.warnings.count == 1)
        #expect(found.warnings[0].contains("Europe/Berlin"))
    }

    @Test("leaves other months out and says so, but not what its own month bills of them")
    func otherMonths() {
        var billed = Self.theirs("2026-09-30")
        for index in billed.indices { billed[index].billingMonth = Self.month }
        let found = Self.compare(
            Self.theirs("2026-10-01") + Self.theirs("2026-11-01") + billed, [Self.ours(1)])
        #expect(Self.text(found) == ["timing - 2900"])
        #expect(found.warnings == ["3 lines of other months, 0.0000029 USD, were left out."])
    }
}
