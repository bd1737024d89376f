import Accounting

/// The rate dimensions of a token price, parsed from the name of its field in the price map, such as
/// `cache_read_input_token_cost_above_200k_tokens_priority`.
struct PriceMapField: Hashable, Comparable {
    let meter: String
    let serviceTier: String
    /// 0 without a threshold.
    let aboveContextTokens: Int64
    /// The index in `stems`, whose order is the order of meters in a file.
    private let place: Int

    /// The map's field names for token prices, with the meter that counts those tokens. If a meter has two names, the
    /// first takes precedence.
    private static let stems: [(stem: String, meter: String)] = [
        ("input_cost_per_token", "input_tokens"),
        ("cache_read_input_token_cost", "cache_read_tokens"),
        ("input_cost_per_token_cache_hit", "cache_read_tokens"),
        ("cache_read_input_audio_token_cost", "cache_read_audio_tokens"),
        ("cache_read_input_image_token_cost", "cache_read_image_tokens"),
        ("cache_creation_input_token_cost", "cache_write_tokens"),
        ("cache_creation_input_token_cost_above_1hr", "cache_write_1h_tokens"),
        ("cache_creation_input_token_cost_above_12hr", "cache_write_12h_tokens"),
        ("cache_creation_input_audio_token_cost", "cache_write_audio_tokens"),
        ("input_cost_per_audio_token", "audio_input_tokens"),
        ("input_cost_per_image_token", "image_input_tokens"),
        ("input_cost_per_video_token", "video_input_tokens"),
        ("output_cost_per_token", "output_tokens"),
        ("output_cost_per_reasoning_token", "reasoning_tokens"),
        ("output_cost_per_audio_token", "audio_output_tokens"),
        ("output_cost_per_image_token", "image_output_tokens"),
        ("output_cost_per_video_token", "video_output_tokens"),
        ("citation_cost_per_token", "citation_tokens"),
    ]
    private static let places = Dictionary(uniqueKeysWithValues: stems.enumerated().map { ($1.stem, $0) })

    private static let tierEndings = [
        ("_batches", ServiceTier.batch), ("_flex", .flex), ("_priority", .priority), ("_ultrafast", .ultrafast),
    ]

    /// Nil if the name is not that of a token price, or if it names a service tier that Purser does not have.
    init?(_ name: String) {
        var stem = Substring(name)
        var tier = Self.removeTier(&stem)
        let threshold = Self.removeThreshold(&stem)
        // Some field names have the tier before the threshold.
        if threshold != nil, tier == nil { tier = Self.removeTier(&stem) }
        guard let place = Self.places[String(stem)] else { return nil }
        self.place = place
        meter = Self.stems[place].meter
        serviceTier = tier ?? "standard"
        aboveContextTokens = threshold ?? 0
    }

    private static func removeTier(_ name: inout Substring) -> String? {
        for (ending, tier) in tierEndings where name.hasSuffix(ending) {
            name = name.dropLast(ending.utf8.count)
            return tier.rawValue
        }
        return nil
    }

    /// Removes `_above_200k_tokens` from the end of a name and returns 200000.
    private static func removeThreshold(_ name: inout Substring) -> Int64? {
        let words = name.split(separator: "_", omittingEmptySubsequences: false)
        guard words.count > 3, words[words.count - 3] == "above", words.last == "tokens" else { return nil }
        let word = words[words.count - 2]
        let digits = word.last == "k" ? word.dropLast() : word
        guard let count = Int64(digits), (1...1_000_000_000).contains(count), String(count) == digits else {
            return nil
        }
        name = name.dropLast("_above_\(word)_tokens".utf8.count)
        return word.last == "k" ? count * 1000 : count
    }

    /// Whether the name has neither a tier nor a threshold.
    var isPlain: Bool { serviceTier == "standard" && aboveContextTokens == 0 }

    var isOutput: Bool { Self.stems[place].stem.hasPrefix("output_") }

    /// The order of rates in a file: by threshold, tier and meter.
    static func < (left: PriceMapField, right: PriceMapField) -> Bool {
        func order(_ field: PriceMapField) -> (Int64, Int, Int) {
            (field.aboveContextTokens, PriceEntry.serviceTiers.firstIndex(of: field.serviceTier)!, field.place)
        }
        return order(left) < order(right)
    }
}
