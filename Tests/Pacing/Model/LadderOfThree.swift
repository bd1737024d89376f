import Accounting

/// Three models at the list prices of their kind, in USD for a million tokens: 5 and 25, 3 and 15, 1 and 5.
package enum LadderOfThree {
    package static let models = ["claude-opus-4-5", "claude-sonnet-4-5", "claude-haiku-4-5"]
    private static let dollars: [(input: Int64, output: Int64)] = [(5, 25), (3, 15), (1, 5)]
    private static let provider = "anthropic"

    package static let prices = PriceBook(
        models: zip(models, dollars).enumerated().map { place, model in
            let name = ModelName(provider: provider, model: model.0)
            return ModelPrices(
                name: name, maximumOutputTokens: 64_000,
                prices: [
                    price(Int64(2 * place + 1), name, .input, model.1.input),
                    price(Int64(2 * place + 2), name, .output, model.1.output),
                ])
        }, makers: [provider])

    private static func price(_ id: Int64, _ model: ModelName, _ meter: Meter, _ dollars: Int64) -> Price {
        Price(
            id: id, model: model, meter: meter, tier: .standard, aboveContextTokens: 0,
            femtodollarsPerUnit: dollars * 1_000_000_000, validFrom: Timestamp(seconds: 0), validUntil: nil)
    }

    /// What `call` costs on the model at `place`.
    package static func cost(of call: TrafficCall, on place: Int) -> Money {
        let rates = dollars[place]
        return Money(nanodollars: 1_000 * (call.inputTokens * rates.input + call.outputTokens * rates.output))
    }

    /// What all calls cost if each gets the model at `place`, in nanodollars.
    package static func cost(of calls: [TrafficCall], on place: Int) -> Int64 {
        calls.reduce(0) { $0 + cost(of: $1, on: place).nanodollars }
    }

    static func place(of model: ModelName) -> Int { models.firstIndex(of: model.model)! }
}
