/// The price map's prices of non-token units, and the meters that count those units.
enum PriceMapUnits {
    /// Meters of fields that mean the same in every entry.
    private static let meters = [
        "input_cost_per_character": "input_characters",
        "output_cost_per_character": "output_characters",
        "input_cost_per_audio_per_second": "audio_input_seconds",
        "input_cost_per_video_per_second": "video_input_seconds",
        "output_cost_per_video_per_second": "video_output_seconds",
        "output_cost_per_image": "images",
        "ocr_cost_per_page": "pages",
        "annotation_cost_per_page": "annotated_pages",
        "input_cost_per_request": "requests",
        "input_cost_per_text_message": "text_messages",
        "google_maps_grounding_cost_per_query": "map_searches",
        "code_interpreter_cost_per_session": "code_interpreter_sessions",
    ]

    private static let resolutions = ["480p", "720p", "768p", "1080p", "2k", "4k"]

    /// The meter that a field of an entry prices; nil if Purser has none for it.
    static func meter(of field: String, in entry: PriceMapEntry) -> String? {
        if let meter = meters[field] { return meter }
        switch (field, entry.mode) {
        // Cohere's unit of reranking: what one query ranks at once.
        case ("input_cost_per_query", "rerank"): return "search_units"
        case ("input_cost_per_query", _): return "search_queries"
        // An embedding has only input images, and `images` counts those. For other models, `images` counts output
        // images.
        case ("input_cost_per_image", "embedding"): return "images"
        // The older field name for the price of an output image.
        case ("input_cost_per_image", "image_generation") where !entry.says("output_cost_per_image"): return "images"
        case ("input_cost_per_image", _): return "input_images"
        case ("input_cost_per_second", "audio_transcription"): return "audio_input_seconds"
        case ("output_cost_per_second", "audio_speech"): return "audio_output_seconds"
        case ("output_cost_per_second", "video_generation"): return "video_output_seconds"
        case (_, "video_generation"):
            let resolution = field.split(separator: "_").last.map(String.init) ?? ""
            guard field == "output_cost_per_second_\(resolution)", resolutions.contains(resolution) else { return nil }
            return "video_output_seconds_\(resolution)"
        // In an entry of a chat model, the price of a second is that of a rented machine.
        default: return nil
        }
    }

    static let searches = "search_context_cost_per_query"

    /// Meters of web searches by the size of the search context. If the size makes no difference to the price, the
    /// meter is `web_searches`.
    static let searchMeters = [
        "search_context_size_low": "web_searches_low",
        "search_context_size_medium": "web_searches_medium",
        "search_context_size_high": "web_searches_high",
    ]
}
