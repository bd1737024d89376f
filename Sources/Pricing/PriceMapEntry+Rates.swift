import JSON

/// The prices of an entry, as lines of the price book.
extension PriceMapEntry {
    /// The map has no dates: what it says is taken to have held as long as any call can be reported.
    static let firstDay = "2020-01-01"

    /// What an entry gives, and which of its fields said it.
    struct Prices {
        var lines: [PriceFile.PriceLine] = []
        var carried: Set<String> = []
        /// Fields whose figure had binary noise.
        var shortened: Set<String> = []
    }

    /// The map's own entries have less than a hundred.
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
        prices.removeRepeats()
        addPiecePrices(to: &prices)
        addSearchPrices(to: &prices)
        addFastPrices(to: &prices)
        addRegionPrices(to: &prices)
        try addOffPeakPrices(to: &prices)
        guard !prices.lines.isEmpty else {
            // The map says 0 both for what is free and for what it does not know.
            let isFree = isZero("input_cost_per_token") || isZero("output_cost_per_token")
            throw Skip(isFree ? "0 in the map, not known to be free" : "no price of anything that Purser meters")
        }
        return prices
    }

    /// Whether a field stands there with 0, rather than not at all.
    func isZero(_ name: String) -> Bool { fields[name].flatMap(PriceMapNumber.init)?.femto == 0 }

    static func line(
        _ meter: String, _ tier: String, _ above: Int64, _ femtodollars: Int64
    ) -> PriceFile.PriceLine {
        PriceFile.PriceLine(
            meter: meter, serviceTier: tier, aboveContextTokens: above, femtodollarsPerUnit: femtodollars,
            validFrom: firstDay, validUntil: nil)
    }

    private func addTokenPrices(to prices: inout Prices, of provider: PriceMapProvider) throws(Skip) {
        let named = fields.keys.compactMap { name in PriceMapField(name).map { (field: $0, name: name) } }
        for (field, name) in named.sorted(by: { $0.field < $1.field }) {
            guard let value = fields[name], !value.isNull else { continue }
            let number = try Self.number(value, of: name)
            let femtodollars = Int64(number.femto)
            // A single 0 among prices means "not known" or "no such thing"; the meter's whole then prices it.
            if femtodollars == 0 { continue }
            let above =
                field.aboveContextTokens - (provider.hasInclusiveThresholds && field.aboveContextTokens > 0 ? 1 : 0)
            let line = Self.line(field.meter, field.serviceTier, above, femtodollars)
            // The second of two names for the same price says nothing new, or is not understood.
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

    private func addPiecePrices(to prices: inout Prices) {
        for name in fields.keys.sorted() where says(name) {
            guard let meter = PriceMapPieces.meter(of: name, in: self), let value = fields[name],
                // Nothing else stands for a piece whose price is not known: calls with it are unpriced, and say so.
                let number = try? Self.number(value, of: name)
            else { continue }
            prices.add(piece: meter, Int64(number.femto), from: name)
            if number.isShortened { prices.shortened.insert(name) }
        }
        // The map gives some transcribers their one price twice.
        if mode == "audio_transcription", let output = fields["output_cost_per_second"].flatMap(PriceMapNumber.init),
            output == fields["input_cost_per_second"].flatMap(PriceMapNumber.init)
        {
            prices.carried.insert("output_cost_per_second")
        }
    }

    private func addSearchPrices(to prices: inout Prices) {
        let name = PriceMapPieces.searches
        let sizes = fields[name].map { Array($0.fields) } ?? []
        var priced: [(meter: String, femtodollars: Int64)] = []
        for (size, value) in sizes {
            guard let meter = PriceMapPieces.searchMeters[size], let number = try? Self.number(value, of: name) else {
                return
            }
            if number.femto > 0 { priced.append((meter, Int64(number.femto))) }
        }
        guard let first = priced.first else { return }
        if priced.count == sizes.count, priced.allSatisfy({ $0.femtodollars == first.femtodollars }) {
            prices.add(piece: "web_searches", first.femtodollars, from: name)
        } else {
            for (meter, femtodollars) in priced.sorted(by: { $0.meter < $1.meter }) {
                prices.add(piece: meter, femtodollars, from: name)
            }
        }
    }
}

extension PriceMapEntry.Prices {
    /// Parts that cost what their whole costs where they have no price of their own.
    private static let parents = [
        "audio_input_tokens": "input_tokens", "image_input_tokens": "input_tokens", "reasoning_tokens": "output_tokens",
    ]

    /// Drops a part priced everywhere as its whole is: saying it again would outlive a change of the whole.
    mutating func removeRepeats() {
        for (part, whole) in Self.parents {
            let repeats = lines.filter { $0.meter == part }.allSatisfy { line in
                lines.contains(
                    PriceMapEntry.line(whole, line.serviceTier, line.aboveContextTokens, line.femtodollarsPerUnit))
            }
            if repeats { lines.removeAll { $0.meter == part } }
        }
    }

    /// Without a rate of its own batch would be half of standard, which the price of a piece is not.
    fileprivate mutating func add(piece meter: String, _ femtodollars: Int64, from field: String) {
        carried.insert(field)
        for tier in ["standard", "batch"] {
            lines.append(PriceMapEntry.line(meter, tier, 0, femtodollars))
        }
    }
}
