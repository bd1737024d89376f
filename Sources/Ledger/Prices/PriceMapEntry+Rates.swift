import JSON

/// The prices of an entry, as lines of the price book.
extension PriceMapEntry {
    /// A meter, the map's field for it, and the whole it is a part of where it costs the same as that.
    private static let meters: [(meter: String, stem: String, parent: String?)] = [
        ("input_tokens", "input_cost_per_token", nil),
        ("cache_read_tokens", "cache_read_input_token_cost", nil),
        ("cache_write_tokens", "cache_creation_input_token_cost", nil),
        ("cache_write_1h_tokens", "cache_creation_input_token_cost_above_1hr", nil),
        ("audio_input_tokens", "input_cost_per_audio_token", "input_tokens"),
        ("image_input_tokens", "input_cost_per_image_token", "input_tokens"),
        ("output_tokens", "output_cost_per_token", nil),
        ("reasoning_tokens", "output_cost_per_reasoning_token", "output_tokens"),
        ("audio_output_tokens", "output_cost_per_audio_token", "output_tokens"),
    ]
    private static let tiers = [("standard", ""), ("batch", "_batches"), ("flex", "_flex"), ("priority", "_priority")]

    /// The map has no dates: what it says is taken to have held as long as any call can be reported.
    private static let firstDay = "2020-01-01"

    /// What an entry gives, and which of its fields said it.
    struct Prices {
        var lines: [PriceFile.PriceLine] = []
        var carried: Set<String> = []
    }

    func prices(isKnownToBeFree: Bool) throws(Skip) -> Prices {
        var prices = try tokenPrices()
        try addPiecePrices(to: &prices)
        let input = fields["input_cost_per_token"].flatMap(PriceMapNumber.init)
        let output = fields["output_cost_per_token"].flatMap(PriceMapNumber.init)
        if input?.femto == 0, output?.femto == 0 {
            // The map says 0 both for what is free and for what it does not know.
            guard isKnownToBeFree else { throw Skip("0 in the map, not known to be free") }
            prices.lines = ["input_tokens", "output_tokens"].map { Self.line($0, "standard", 0, 0) }
        } else if !says("input_cost_per_token") || !(says("output_cost_per_token") || isEmbedding) {
            throw Skip("no price per input token, or none per output token")
        }
        return prices
    }

    fileprivate static func line(
        _ meter: String, _ tier: String, _ above: Int64, _ femtodollars: Int64
    ) -> PriceFile.PriceLine {
        PriceFile.PriceLine(
            meter: meter, serviceTier: tier, aboveContextTokens: above, femtodollarsPerUnit: femtodollars,
            validFrom: firstDay, validUntil: nil)
    }

    private func tokenPrices() throws(Skip) -> Prices {
        var prices = Prices()
        for above in [0] + Set(fields.keys.compactMap(Self.threshold)).sorted() {
            let middle = above == 0 ? "" : "_above_\(above / 1000)k_tokens"
            for (tier, ending) in Self.tiers {
                for (meter, stem, _) in Self.meters {
                    let name = stem + middle + ending
                    guard fields[name] != nil else { continue }
                    prices.carried.insert(name)
                    guard let femtodollars = try femtodollars(name) else { continue }
                    prices.lines.append(Self.line(meter, tier, above, femtodollars))
                }
            }
        }
        // A part priced everywhere as its whole is: saying it again would outlive a change of the whole.
        for case (let meter, _, let parent?) in Self.meters {
            let parts = prices.lines.filter { $0.meter == meter }
            let repeats = parts.allSatisfy { part in
                prices.lines.contains(
                    Self.line(parent, part.serviceTier, part.aboveContextTokens, part.femtodollarsPerUnit))
            }
            if repeats { prices.lines.removeAll { $0.meter == meter } }
        }
        return prices
    }

    /// `input_cost_per_token_above_200k_tokens` → 200000.
    private static func threshold(_ name: String) -> Int64? {
        let words = name.split(separator: "_", omittingEmptySubsequences: false)
        for index in words.indices.dropLast(2) where words[index] == "above" && words[index + 2] == "tokens" {
            let word = words[index + 1]
            guard word.last == "k", let thousands = Int64(word.dropLast()), (1...1_000_000).contains(thousands),
                String(thousands) == word.dropLast()
            else { continue }
            return thousands * 1000
        }
        return nil
    }

    private func addPiecePrices(to prices: inout Prices) throws(Skip) {
        // Outside embeddings an image is billed as tokens; its price apiece would be a second charge.
        if isEmbedding, let femtodollars = try femtodollars("input_cost_per_image") {
            prices.add(piece: "images", femtodollars, from: "input_cost_per_image")
        }
        let searches = fields["search_context_cost_per_query"].map { Array($0.fields) } ?? []
        if let first = searches.first {
            let name = "search_context_cost_per_query"
            let price = try Self.femtodollars(first.value, of: name)
            for search in searches.dropFirst() where try Self.femtodollars(search.value, of: name) != price { return }
            if price > 0 { prices.add(piece: "web_searches", price, from: name) }
        }
    }
}

extension PriceMapEntry.Prices {
    /// Without a rate of its own batch would be half of standard, which the price of a piece is not.
    fileprivate mutating func add(piece meter: String, _ femtodollars: Int64, from field: String) {
        carried.insert(field)
        for tier in ["standard", "batch"] {
            lines.append(PriceMapEntry.line(meter, tier, 0, femtodollars))
        }
    }
}
