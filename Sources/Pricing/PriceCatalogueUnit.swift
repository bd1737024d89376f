import Accounting

/// What a price of the catalogue counts: a meter, and how many of its pieces the price is for.
struct PriceCatalogueUnit {
    let meter: String
    let pieces: Int128

    private static let units: [String: (meter: String, pieces: Int128)] = [
        "input_mtok": ("input_tokens", 1_000_000),
        "cache_read_mtok": ("cache_read_tokens", 1_000_000),
        "cache_audio_read_mtok": ("cache_read_audio_tokens", 1_000_000),
        "cache_image_read_mtok": ("cache_read_image_tokens", 1_000_000),
        "cache_write_mtok": ("cache_write_tokens", 1_000_000),
        "cache_write_1h_mtok": ("cache_write_1h_tokens", 1_000_000),
        "input_audio_mtok": ("audio_input_tokens", 1_000_000),
        "input_image_mtok": ("image_input_tokens", 1_000_000),
        "input_video_mtok": ("video_input_tokens", 1_000_000),
        "output_mtok": ("output_tokens", 1_000_000),
        "output_reasoning_mtok": ("reasoning_tokens", 1_000_000),
        "output_audio_mtok": ("audio_output_tokens", 1_000_000),
        "output_image_mtok": ("image_output_tokens", 1_000_000),
        "output_video_mtok": ("video_output_tokens", 1_000_000),
        "output_citation_mtok": ("citation_tokens", 1_000_000),
        "web_searches_kcount": ("web_searches", 1_000),
        "storage_searches_kcount": ("file_searches", 1_000),
        "requests_kcount": ("requests", 1_000),
        "input_text_messages_kcount": ("text_messages", 1_000),
        "input_document_kpages": ("pages", 1_000),
        "input_annotated_document_kpages": ("annotated_pages", 1_000),
        "input_mchars": ("input_characters", 1_000_000),
        "input_audio_hours": ("audio_input_seconds", 3_600),
    ]

    /// Nil if Purser has no meter for the unit.
    init?(key: String) {
        guard let (meter, pieces) = Self.units[key] else { return nil }
        (self.meter, self.pieces) = (meter, pieces)
    }

    /// A price in the catalogue for one piece; nil if it is finer than 1e-15 USD, or too large.
    func femtodollars(_ number: PriceMapNumber) -> Int64? {
        guard number.femto >= 0, number.femto.isMultiple(of: pieces) else { return nil }
        return Int64(exactly: number.femto / pieces).flatMap { $0 <= Price.maximumFemtodollarsPerUnit ? $0 : nil }
    }

    /// The order of meters in a file.
    static let order = Dictionary(
        uniqueKeysWithValues: [
            "input_tokens", "cache_read_tokens", "cache_read_audio_tokens", "cache_read_image_tokens",
            "cache_write_tokens", "cache_write_1h_tokens", "audio_input_tokens", "image_input_tokens",
            "video_input_tokens", "output_tokens", "reasoning_tokens",
        ].enumerated().map { ($1, $0) })
}
