import Accounting
import JSON

/// The prices of an entry, as lines of the price book.
extension PriceMapEntry {
    /// The price lines of an entry, and the fields they were taken from.
    struct Prices {
        var lines: [PriceFile.PriceLine] = []
        var carried: Set<String> = []
        /// Fields whose figures had binary floating-point noise.
        var shortened: Set<String> = []
    }

    /// The real map's entries have fewer than a hundred fields.
    private static let maximumFields = 256

    func prices(isKnownToBeFree: Bool, of provider: PriceMapProvider) throws(Skip) -> Prices {
        guard fields.count <= Self.maximumFields else { throw Skip("more than \(Self.maximumFields) fields") }
        if isZero("input_cost_per_token"), isZero("output_cost_per_token"), isKnownToBeFree {
            let lines = ["input_tokens", "output_tokens"].map { Self.line($0, "standard", 0, 0) }
            return Prices(lines: lines, carried: [])
        }
        var prices = Prices()
        try addTokenPrices(to: &prices, of: provider)
        try addTieredPrices(to: &prices)
        addUndetailedPrices(to: &prices)
        prices.removeRepeats()
        addUnitPrices(to: &prices, of: provider)
        addSearchPrices(to: &prices)
        addFastPrices(to: &prices)
        addRegionPrices(to: &prices)
        try addOffPeakPrices(to: &prices)
        guard !prices.lines.isEmpty else {
            // The map gives 0 both for a free model and for an unknown price.
            let isFree = isZero("input_cost_per_token") || isZero("output_cost_per_token")
            throw Skip(isFree ? "0 in the map, not known to be free" : "no price of anything that Purser meters")
        }
        return prices
    }

    /// Whether a field is present with the value 0.
    func isZero(_ name: String) -> Bool { fields[name].flatMap(PriceMapNumber.init)?.femto == 0 }

    static func line(
        _ meter: String, _ tier: String, _ above: Int64, _ femtodollars: Int64
    ) -> PriceFile.PriceLine {
        PriceFile.PriceLine(
            meter: meter, serviceTier: tier, aboveContextTokens: above, femtodollarsPerUnit: femtodollars,
            validFrom: PriceFile.beginning, validUntil: nil)
    }

    private func addTokenPrices(to prices: inout Prices, of provider: PriceMapProvider) throws(Skip) {
        let named = fields.keys.compactMap { name in PriceMapField(name).map { (field: $0, name: name) } }
        for (field, name) in named.sorted(by: { $0.field < $1.field }) {
            guard let value = fields[name], !value.isNull else { continue }
            let number = try Self.number(value, of: name)
            let femtodollars = Int64(number.femto)
            // A 0 among other prices means "not known" or "no such thing"; the price of the parent meter then applies.
            if femtodollars == 0 { continue }
            let above =
                field.aboveContextTokens - (provider.hasInclusiveThresholds && field.aboveContextTokens > 0 ? 1 : 0)
            let line = Self.line(field.meter, field.serviceTier, above, femtodollars)
            // If two fields name the same price, the second either repeats the first or is not understood.
            if let first = prices.lines.first(where: { $0.place == line.place }) {
                if first == line { prices.carried.insert(name) }
                continue
            }
            prices.carried.insert(name)
            if number.isShortened { prices.shortened.insert(name) }
            prices.lines.append(line)
        }
        let name = "cache_read_input_token_cost"
        if provider.halvesCacheReads, says("output_cost_per_token"), fields[name]?.isNull ?? true,
            let input = prices.lines.firstIndex(where: { $0.place == Self.line("input_tokens", "standard", 0, 0).place }
            ),
            prices.lines[input].femtodollarsPerUnit.isMultiple(of: 2)
        {
            let half = prices.lines[input].femtodollarsPerUnit / 2
            prices.lines.insert(Self.line("cache_read_tokens", "standard", 0, half), at: input + 1)
        }
    }

    /// The output of a model that puts out only images or only speech is that, also where its usage has no details.
    private func addUndetailedPrices(to prices: inout Prices) {
        func lists(_ value: String, in name: String) -> Bool {
            fields[name]?.elements.contains { $0.string == value } ?? false
        }
        let answersInText =
            lists("text", in: "supported_output_modalities") || lists("/v1/chat/completions", in: "supported_endpoints")
        let media = [
            "image_generation": "image_output_tokens", "image_edit": "image_output_tokens",
            "audio_speech": "audio_output_tokens",
        ]
        guard let medium = media[mode], !answersInText else { return }
        for line in prices.lines where line.meter == medium {
            prices.lines.append(
                Self.line(
                    "undetailed_output_tokens", line.serviceTier, line.aboveContextTokens, line.femtodollarsPerUnit))
        }
    }

    private func addUnitPrices(to prices: inout Prices, of provider: PriceMapProvider) {
        for name in fields.keys.sorted() where says(name) {
            guard let meter = PriceMapUnits.meter(of: name, in: self), let value = fields[name],
                // A non-token unit whose price is not known gets no other price: calls that use it are unpriced, and
                // are marked so.
                let number = try? Self.number(value, of: name)
            else { continue }
            prices.add(
                unit: meter, Int64(number.femto), least: provider.leastQuantity(of: meter), from: name)
            if number.isShortened { prices.shortened.insert(name) }
        }
        // The map gives the only price of some transcription models twice, per input second and per output second.
        if mode == "audio_transcription", let output = fields["output_cost_per_second"].flatMap(PriceMapNumber.init),
            output == fields["input_cost_per_second"].flatMap(PriceMapNumber.init)
        {
            prices.carried.insert("output_cost_per_second")
        }
    }

    private func addSearchPrices(to prices: inout Prices) {
        let name = PriceMapUnits.searches
        let sizes = fields[name].map { Array($0.fields) } ?? []
        var priced: [(meter: String, femtodollars: Int64)] = []
        for (size, value) in sizes {
            guard let meter = PriceMapUnits.searchMeters[size], let number = try? Self.number(value, of: name) else {
                return
            }
            if number.femto > 0 { priced.append((meter, Int64(number.femto))) }
        }
        guard let first = priced.first else { return }
        if priced.count == sizes.count, priced.allSatisfy({ $0.femtodollars == first.femtodollars }) {
            prices.add(unit: "web_searches", first.femtodollars, from: name)
        } else {
            for (meter, femtodollars) in priced.sorted(by: { $0.meter < $1.meter }) {
                prices.add(unit: meter, femtodollars, from: name)
            }
        }
    }
}

extension PriceMapEntry.Prices {
    /// Meters of parts, which cost the same as their whole if they have no price of their own.
    private static let parents = [
        "audio_input_tokens": "input_tokens", "image_input_tokens": "input_tokens", "reasoning_tokens": "output_tokens",
    ]

    /// Drops the prices of a part if all of them equal its whole's: a repeated price would go on unchanged when the
    /// whole's price changes.
    mutating func removeRepeats() {
        for (part, whole) in Self.parents {
            let repeats = lines.filter { $0.meter == part }.allSatisfy { line in
                lines.contains(
                    PriceMapEntry.line(whole, line.serviceTier, line.aboveContextTokens, line.femtodollarsPerUnit))
            }
            if repeats { lines.removeAll { $0.meter == part } }
        }
    }

    /// Adds a standard rate and an equal batch rate. Without a rate of its own, batch would cost half of standard,
    /// which is wrong for non-token units.
    fileprivate mutating func add(
        unit meter: String, _ femtodollars: Int64, least: Int64? = nil, from field: String
    ) {
        carried.insert(field)
        for tier in ["standard", "batch"] {
            var line = PriceMapEntry.line(meter, tier, 0, femtodollars)
            line.leastQuantity = least
            lines.append(line)
        }
    }
}
