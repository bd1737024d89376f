import Testing

@testable import Accounting

@Suite("The limits of the price book") struct PriceLimitsTests {
    private static func prices(_ count: Int, _ price: (Int64) -> Price) -> [Price] {
        [.of(.input, 1, id: 0)] + (1..<Int64(count)).map(price)
    }

    /// The minute of Monday with this number. No two of these minutes touch.
    private static func minute(_ number: Int64) -> WeeklyHours {
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let (hour, minute) = (number / 30, number % 30 * 2)
        return WeeklyHours(text: "mon \(two(hour)):\(two(minute))-\(two(hour)):\(two(minute + 1))")!
    }

    /// Hours of a day that begin `count` times and end `count` times.
    private static func hours(_ day: String, _ count: Int) -> WeeklyHours {
        let times = (0..<count).map { "\(10 + $0 / 6):\($0 % 6)0-\(10 + $0 / 6):\($0 % 6)5" }
        return WeeklyHours(text: "\(day) \(times.joined(separator: " "))")!
    }

    private func excess(_ rows: [ModelName: [Price]]) -> String? {
        do {
            try PriceLimits.check(rows)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test(
        "let a model have as many as they say, and no more",
        arguments: [
            ("meters", 256, prices(257) { .of(Meter("meter_\($0)"), 1, id: $0) }),
            ("thresholds of the context", 32, prices(34) { .of(.input, 1, id: $0, above: $0) }),
            ("regions", 64, prices(66) { .of(.input, 1, id: $0, region: "r\($0)") }),
            ("different hours of the week", 16, prices(18) { .of(.input, 1, id: $0, hours: minute($0)) }),
        ] as [(String, Int, [Price])])
    func counts(what: String, limit: Int, prices: [Price]) {
        #expect(excess([.test: prices.dropLast()]) == nil)
        #expect(
            excess([.test: prices])
                == "maker/m would have \(limit + 1) \(what), more than the \(limit) that it may have")
    }

    @Test("let a model's hours change as often as each half hour of the week, and no more") func week() {
        func prices(_ count: Int) -> [Price] {
            [Self.hours("mon", 60), Self.hours("tue", 60), Self.hours("wed", count)].enumerated().map {
                .of(.input, 1, id: Int64($0), hours: $1)
            }
        }
        #expect(excess([.test: prices(48)]) == nil)
        #expect(
            excess([.test: prices(49)])
                == "maker/m would have 338 changes in a week, more than the 336 that it may have")
    }

    @Test("count the rates of one date times the dates, and of no row that was put right") func rates() {
        // Sixteen kinds of tokens in six tiers make 96 rates a date.
        func prices(_ dates: Int64) -> [Price] { (0..<dates).map { .of(.input, 1, id: $0, from: $0) } }
        #expect(excess([.test: prices(10_416)]) == nil)
        #expect(
            excess([.test: prices(10_417)])
                == "maker/m would have 1000032 rates (of 10417 dates, 1 sizes of the prompt, 1 places and 1 times of the "
                + "week), more than the 1000000 that it may have")
        var corrected = prices(10_416).flatMap { [$0, .of(.input, 2, id: $0.id + 20_000, from: $0.id, until: 90_000)] }
        #expect(excess([.test: corrected])?.contains("of 10417 dates") == true)
        corrected += prices(10_416).map { .of(.input, 3, id: $0.id + 40_000, from: $0.id) }
        #expect(excess([.test: corrected]) == nil)
    }

    @Test("hold for all models together") func book() {
        // 33 prompt sizes, 65 places, six tiers, sixteen kinds of tokens and four dates make 823,680 rates a model.
        let prices =
            Self.prices(33) { .of(.input, 1, id: $0, above: $0) }
            + Self.prices(65) { .of(.input, 1, id: $0, region: "r\($0)") }
            + Self.prices(4) { .of(.input, 1, id: $0, from: $0) }
        func book(_ models: Int) -> [ModelName: [Price]] {
            Dictionary(
                uniqueKeysWithValues: (0..<models).map { (ModelName(provider: "maker", model: "m\($0)"), prices) })
        }
        #expect(excess(book(12)) == nil)
        #expect(
            excess(book(13)) == "the price book would have 10707840 rates, more than the 10000000 that it may have")
    }
}
