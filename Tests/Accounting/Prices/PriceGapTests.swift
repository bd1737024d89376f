import Testing

@testable import Accounting

@Suite("A gap in the price book") struct PriceGapTests {
    private static let seller = "sold"
    private static func name(_ model: String) -> ModelName { ModelName(provider: seller, model: model) }

    private static let book: PriceBook = {
        let text = name("text")
        let later = name("later")
        return PriceBook(models: [
            ModelPrices(
                [
                    .of(.input, 1, model: text), .of(.output, 2, model: text),
                    .of(.images, 1, model: text, tier: .priority),
                ], name: text),
            ModelPrices([.of(.input, 1, model: later, from: 86_400, until: 172_800)], name: later),
            ModelPrices(
                [.of(.input, 1, model: name("rush"), tier: .priority)], name: name("rush")),
        ])
    }()

    struct Case: Sendable, CustomTestStringConvertible {
        let model: ModelName
        var meters: [Meter] = [.input]
        var day: Int64 = 1
        let clause: String?
        var testDescription: String { clause ?? "none: \(model)" }
    }

    @Test(
        "is told as what it is, of a call that was made and of one that is asked for",
        arguments: [
            Case(model: name("text"), clause: nil),
            Case(model: ModelName(provider: "nobody", model: "x"), clause: "the price book has no provider nobody"),
            Case(model: name("x"), clause: "the price book has no model x of sold"),
            Case(model: ModelName(provider: "", model: "x"), clause: "the price book has no model x"),
            Case(model: name("later"), day: 0, clause: "sold/later has no price on 1970-01-01"),
            Case(model: name("later"), clause: nil),
            Case(model: name("later"), day: 2, clause: "sold/later has no price on 1970-01-03"),
            Case(
                model: name("text"), meters: [.input, .images, .pages],
                clause: "sold/text has no standard price for images and pages"),
            Case(model: name("rush"), clause: "sold/rush has no standard price for input_tokens"),
        ])
    func clause(test: Case) {
        let moment = Timestamp(seconds: test.day * 86_400 + 1)
        var quantities = Quantities()
        for meter in test.meters { quantities.add(meter, 5) }
        let rater = Rater(prices: Self.book, agreements: .empty)
        let rated = rater.rate(quantities, of: nil, on: test.model, tier: .standard, region: nil, at: moment)
        #expect(Self.book.gap(in: rated, on: test.model, tier: .standard, at: moment)?.clause == test.clause)
        guard let clause = test.clause else { return }
        let call = Call(
            requestID: "r", who: Attribution(team: "t"), model: test.model.description, inputTokens: 5,
            maxOutputTokens: 0,
            bounds: test.meters.filter { $0 != .input }.map { Quantities.Line(meter: $0, quantity: 5) })
        #expect(Self.book.gap(in: call, on: test.model, under: .empty, at: moment).clause == clause)
    }

    @Test("that opens before the hold expires is told with its day")
    func endsSoon() {
        let call = Call(
            requestID: "r", who: Attribution(team: "t"), model: "later", inputTokens: 5, maxOutputTokens: 0)
        let gap = Self.book.gap(in: call, on: Self.name("later"), under: .empty, at: Timestamp(seconds: 172_790))
        #expect(gap == .noPriceOn(Timestamp(seconds: 172_800).day, Self.name("later")))
    }

    @Test("of what a provider left out is told once, by the warning of its usage", arguments: [true, false])
    func leftOut(isTold: Bool) {
        var quantities = Quantities()
        quantities.add(.unreported, 1)
        let (model, moment) = (Self.name("text"), Timestamp(seconds: 1))
        let rated = Rater(prices: Self.book, agreements: .empty)
            .rate(quantities, of: nil, on: model, tier: .standard, region: nil, at: moment)
        let warning = Self.book.unpricedWarning(
            of: rated, on: model, tier: .standard, at: moment,
            telling: isTold ? [CallWarning(.nullCounts, "")] : [CallWarning(.unreadFields, "")])
        #expect((warning == nil) == isTold)
    }

    @Test(
        "is none of the longest prompt where the book contradicts itself, or means one of many texts",
        arguments: [(0, true, 10), (9, true, 10), (10, true, nil), (0, false, nil)] as [(Int64, Bool, Int64?)])
    func longestPrompt(above: Int64, hasOutput: Bool, most: Int64?) {
        let prices = [Price.of(.input, 1), .of(.input, 2, above: above)] + (hasOutput ? [.of(.output, 1)] : [])
        let model = ModelPrices(
            name: .test, maximumInputTokens: 10, maximumOutputTokens: nil, prices: prices)
        #expect(model.maximumInputTokens == most)
    }
}
