import Accounting
import JSON
import Ledger

extension Credit {
    /// Reads the body of `PUT /v1/credits/{id}`. A credit pays for calls by the provider and model that their ledger
    /// entries name, so `prices` must know them.
    init(id: String, _ json: JSONValue, _ configuration: Configuration) throws(JSONFailure) {
        let prices = configuration.prices
        var fields = JSONFields(json)
        let provider = fields.required("provider", Field.modelExpectation, Field.provider)
        let model = fields.optional("model", Field.modelExpectation, Field.model)
        let team = fields.team(configuration.names)
        let amount = fields.required("amount_usd", Self.amountExpectation, Self.amount)
        let from = fields.required("valid_from", Field.dayExpectation, Field.day)
        let until = fields.optional("valid_until", "\(Field.dayExpectation), the first it no longer pays", Field.day)
        let note = fields.optional("note", Field.noteExpectation, Field.note)
        if let from, let until, until <= from {
            fields.refuse("valid_until", "must be after valid_from: it is the first day that it no longer pays")
        }
        if let provider, !prices.isKnownProvider(provider) {
            fields.refuse("provider", "has no prices (\(provider)); see: purser price list")
        } else if let provider, let model, let problem = Self.problem(with: model, of: provider, prices) {
            fields.refuse("model", problem)
        }
        try fields.finish()
        self.init(
            id: id, provider: provider!, model: model, team: team, amount: amount!, validFrom: from!, validUntil: until,
            note: note)
    }

    private static let amountExpectation =
        "a decimal text in USD above 0 and up to 1000000000 with up to nine places, such as \"10000\""

    private static func amount(_ value: JSONValue) -> Money? { Field.money(value).flatMap { $0 > .zero ? $0 : nil } }

    /// What is wrong with a model name; nil where it is valid. A credit for a name that no ledger entry has would pay
    /// for nothing, and nobody would be told.
    private static func problem(with model: String, of provider: String, _ prices: PriceBook) -> String? {
        switch prices.resolve(model, provider: provider) {
        case .priced(let sold) where sold.name == ModelName(provider: provider, model: model): nil
        case .priced(let sold): "is \(sold.name.model) in the ledger; name that"
        case .unpriced, .ambiguous: "has no price at \(provider) (\(model)); see: purser price list"
        }
    }
}
