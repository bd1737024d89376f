import Accounting
import JSON
import Ledger

extension AgreementDraft {
    /// Reads the body of `PUT /v1/agreements/{name}`. A model is stored under its own provider and name. An alias is
    /// stored as the model that it stands for.
    init(name: String, _ json: JSONValue, _ configuration: Configuration) throws(JSONFailure) {
        let prices = configuration.prices
        var fields = JSONFields(json)
        let team = fields.team(configuration.names)
        let provider = fields.optional("provider", Field.modelExpectation, Field.provider)
        let model = fields.optional("model", Field.modelExpectation, Field.model)
        var sold: ModelName?
        if let model {
            switch prices.resolve(model, provider: provider) {
            case .priced(let found): sold = found.name
            case .unpriced: fields.refuse("model", prices.unknownModel(model, provider: provider))
            case .ambiguous(let names):
                fields.refuse("provider", "is needed: \(model) \(PriceBook.Resolution.choices(names))")
            }
        }
        if model == nil, let provider, !prices.isKnownProvider(provider) {
            fields.refuse("provider", "is not in the price book; see: purser price list")
        }
        let terms = fields.terms(isForModel: model != nil, prices)
        let from = fields.required("valid_from", Field.timeExpectation, Field.time)
        let until = fields.optional("valid_until", Field.timeExpectation, Field.time)
        if let from, let until, until < from { fields.refuse("valid_until", "is before valid_from") }
        let note = fields.optional("note", Field.noteExpectation, Field.note)
        try fields.finish()
        self.init(
            name: name, team: team, provider: sold?.provider ?? provider, model: sold?.model, terms: terms!,
            validFrom: from!, validUntil: until, note: note ?? "")
    }
}

extension JSONFields {
    fileprivate mutating func terms(isForModel: Bool, _ prices: PriceBook) -> AgreementDraft.Terms? {
        let whole = Fraction.whole.millionths
        let discount = optional("discount", "a share above 0 and up to 1 of at most six places, such as 0.1") { value in
            Self.share(value).flatMap { (1...whole).contains($0.millionths) ? $0 : nil }
        }
        let most = Agreement.shareRange.upperBound.millionths - whole
        let markup = optional("markup", "a share above 0 and up to 9 of at most six places, such as 0.05") { value in
            Self.share(value).flatMap { (1...most).contains($0.millionths) ? $0 : nil }
        }
        let rates = rates(prices)
        if rates != nil, !isForModel { refuse("rates", "are those of one model: name it") }
        let terms: [AgreementDraft.Terms] =
            (discount.map { [.share(Fraction(millionths: whole - $0.millionths))] } ?? [])
            + (markup.map { [.share(Fraction(millionths: whole + $0.millionths))] } ?? [])
            + (rates.map { [.rates($0)] } ?? [])
        if terms.count != 1, errors.isEmpty { refuse("discount", "or markup or rates is required, one of them") }
        return terms.first
    }

    /// Reads a share exactly, without rounding, because the share decides what is paid.
    private static func share(_ value: JSONValue) -> Fraction? {
        value.kind == .number ? Fraction(decimal: String(Substring(value.text))) : nil
    }

    private mutating func rates(_ prices: PriceBook) -> [AgreedRate]? {
        guard let value = value("rates") else { return nil }
        guard value.kind == .array,
            (1...Agreement.maximumRates).contains(Array(value.elements.prefix(Agreement.maximumRates + 1)).count)
        else {
            refuse("rates", "must be a list of 1 to \(Agreement.maximumRates) rates")
            return nil
        }
        var rates: [AgreedRate] = []
        for (index, item) in value.elements.enumerated() {
            do throws(JSONFailure) {
                let pointer = "\(pointer(to: "rates"))/\(index)"
                let rate = try AgreedRate(item, pointer: pointer, prices)
                if rates.contains(where: { $0.place == rate.place }) {
                    refuse([FieldError(pointer: pointer, detail: "is given twice")])
                }
                rates.append(rate)
            } catch {
                if case .invalid(let errors) = error { refuse(errors) }
            }
        }
        // A rate for longer prompts alone would leave shorter prompts without a price.
        if let rate = rates.first(where: { rate in
            !rates.contains { $0.place == (rate.meter, rate.tier.rawValue, 0) }
        }) {
            refuse("rates", "need one of \(rate.meter) (\(rate.tier.rawValue)) for prompts of any size too")
        }
        return rates.withBatchUnits.sorted { $0.place < $1.place }
    }
}

extension [AgreedRate] {
    /// Adds a batch rate to each standard rate of a meter that does not count tokens, unless a batch rate is given.
    /// Such units cost the same in batch, as in price files. Without this rate they would cost half, as tokens do in
    /// batch.
    fileprivate var withBatchUnits: [AgreedRate] {
        self
            + filter { rate in
                rate.tier == .standard && !rate.meter.hasSuffix("_tokens")
                    && !contains { $0.meter == rate.meter && $0.tier == .batch }
            }.map {
                AgreedRate(
                    meter: $0.meter, tier: .batch, aboveContextTokens: $0.aboveContextTokens,
                    femtodollarsPerUnit: $0.femtodollarsPerUnit, leastQuantity: $0.leastQuantity)
            }
    }
}

extension AgreedRate {
    fileprivate init(_ json: JSONValue, pointer: String, _ prices: PriceBook) throws(JSONFailure) {
        var fields = JSONFields(json, pointer: pointer)
        let meter = fields.required("meter", "a meter, such as output_tokens", \.string)
        if let meter, !Meter(meter).isNamed, !prices.isKnownMeter(meter) {
            fields.refuse("meter", prices.unknownMeter(meter))
        }
        let tier: ServiceTier? = fields.optional("service_tier", Field.choices(ServiceTier.self), Field.choice)
        let above = fields.optional("above_context_tokens", Field.countExpectation, Field.count)
        let price = fields.required("unit_price_usd", "a decimal text in USD from 0 to 1000 with up to 15 places") {
            let price = $0.string.flatMap { FixedPoint.parse($0, places: Price.places) }
            return price.flatMap { (0...Price.maximumFemtodollarsPerUnit).contains($0) ? $0 : nil }
        }
        let least = fields.optional("least_quantity", Price.leastQuantityExpectation) {
            $0.integer.flatMap { Price.leastQuantityRange.contains($0) ? $0 : nil }
        }
        if least != nil, meter?.hasSuffix("_tokens") ?? false {
            fields.refuse("least_quantity", "is only of meters that do not count tokens")
        }
        try fields.finish()
        self.init(
            meter: meter!, tier: tier ?? .standard, aboveContextTokens: above ?? 0, femtodollarsPerUnit: price!,
            leastQuantity: least)
    }

    fileprivate var place: (String, String, Int64) { (meter, tier.rawValue, aboveContextTokens) }
}
