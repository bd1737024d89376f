import Testing

@testable import Accounting

@Suite("A moment in a price file") struct DayOrTimeTests {
    @Test(
        "is a day, or a time with its offset, and is written as the day where it begins one",
        arguments: [
            ("2026-08-16", "2026-08-16"), ("2026-08-16T00:00:00Z", "2026-08-16"),
            ("2026-08-16T16:00:00Z", "2026-08-16T16:00:00Z"), ("2026-08-16T18:00:00+02:00", "2026-08-16T16:00:00Z"),
            ("2026-08-16T02:00:00+02:00", "2026-08-16"), ("2026-08-16T23:59:59-00:30", "2026-08-17T00:29:59Z"),
        ])
    func read(text: String, written: String) throws {
        let moment = try #require(Timestamp(dayOrTime: text))
        #expect(moment.dayOrTime == written)
        #expect(Timestamp(dayOrTime: written) == moment)
    }

    @Test(
        "is refused without an offset, with parts of a second, and where there is no such day",
        arguments: [
            "2026-08-16T16:00:00", "2026-08-16T16:00Z", "2026-08-16T16:00:00.5Z", "2026-08-16T16:00:00.0Z",
            "2026-13-40", "2026-08-16T24:00:00Z", "2026-8-16", "", "now",
        ])
    func refused(text: String) { #expect(Timestamp(dayOrTime: text) == nil) }

    @Test("is exact to the second: calls before it cost the old price, at it and after it the new one")
    func boundary() throws {
        let start = Timestamp(dayOrTime: "2026-08-16T16:00:00Z")!
        let model = ModelPrices([
            .of(.input, 1_000_000, id: 1, until: start.seconds), .of(.input, 2_000_000, id: 2, from: start.seconds),
        ])
        for (seconds, nanodollars) in [(-1, 1), (0, 2), (1, 2)] as [(Int64, Int64)] {
            let card = try #require(
                model.card(tier: .standard, contextTokens: 1, at: start.adding(seconds: seconds)))
            var quantities = Quantities()
            quantities.add(.input, 1)
            #expect(card.rate(quantities).cost == Money(nanodollars: nanodollars), "\(seconds)")
        }
        // A hold that may last until then holds the dearer of both.
        for (seconds, nanodollars) in [(-61, 1), (-60, 2), (-1, 2), (0, 2)] as [(Int64, Int64)] {
            let call = Call(
                requestID: "r", who: Attribution(team: "t"), model: "m", inputTokens: 1, maxOutputTokens: 0,
                holdSeconds: 60)
            let held = Estimate.worstCase(of: call, on: model, at: start.adding(seconds: seconds))
            #expect(held?.cost == Money(nanodollars: nanodollars), "\(seconds)")
        }
    }
}
