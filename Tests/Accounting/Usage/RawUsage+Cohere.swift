@testable import Accounting

/// `billed_units` states what Cohere charges, `tokens` what the model read and wrote. Sources: `Usage` and `ApiMeta` of
/// cohere-python 7.3; docs.cohere.com (how pricing works).
extension RawUsage {
    static let cohere: [RawUsage] = [
        // Cohere does not bill the tokens it puts around the prompt: it bills 5, not 71.
        RawUsage(
            name: "Cohere",
            json: """
                {"billed_units": {"input_tokens": 5, "output_tokens": 418}, "tokens": {"input_tokens": 71, "output_tokens": 418},
                 "cached_tokens": 0}
                """,
            format: .cohere, meters: ["input_tokens": 5, "output_tokens": 418]),
        // Plain input: 600 - 512 = 88.
        RawUsage(
            name: "Cohere with a cache, in decimals",
            json: """
                {"billed_units": {"input_tokens": 600.0, "output_tokens": 41.0},
                 "tokens": {"input_tokens": 666.0, "output_tokens": 43.0}, "cached_tokens": 512.0}
                """,
            format: .cohere, meters: ["input_tokens": 88, "cache_read_tokens": 512, "output_tokens": 41]),
        // 64 cached tokens are more than the 5 billed ones, so at most 5 count as cached.
        RawUsage(
            name: "Cohere that had its own words in the cache",
            json: """
                {"billed_units": {"input_tokens": 5, "output_tokens": 4}, "tokens": {"input_tokens": 71, "output_tokens": 4},
                 "cached_tokens": 64}
                """,
            format: .cohere, meters: ["cache_read_tokens": 5, "output_tokens": 4]),
        RawUsage(
            name: "the last event of a stream of Cohere's",
            json: """
                {"type": "message-end", "delta": {"finish_reason": "COMPLETE", "usage": {"billed_units": {"input_tokens": 17, "output_tokens": 12}, "tokens": {"input_tokens": 215, "output_tokens": 12}}}}
                """,
            format: .cohere, meters: ["input_tokens": 17, "output_tokens": 12],
            kept:
                #"{"billed_units": {"input_tokens": 17, "output_tokens": 12}, "tokens": {"input_tokens": 215, "output_tokens": 12}}"#
        ),
        RawUsage(
            name: "embeddings of Cohere's",
            json:
                #"{"id": "e", "embeddings": {}, "meta": {"api_version": {"version": "2"}, "billed_units": {"input_tokens": 2}}}"#,
            format: .cohere, meters: ["input_tokens": 2],
            kept: #"{"api_version": {"version": "2"}, "billed_units": {"input_tokens": 2}}"#),
        RawUsage(
            name: "embeddings of images by Cohere",
            json: #"{"billed_units": {"images": 1}}"#, format: .cohere, meters: ["images": 1]),
        // Image tokens come in addition to the text's tokens.
        RawUsage(
            name: "embeddings of text and images by Cohere",
            json: #"{"billed_units": {"input_tokens": 12, "image_tokens": 1000}}"#, format: .cohere,
            meters: ["input_tokens": 12, "image_input_tokens": 1000]),
        RawUsage(
            name: "Cohere's rerank", json: #"{"api_version": {"version": "2"}, "billed_units": {"search_units": 1}}"#,
            format: .cohere, meters: ["search_units": 1]),
        RawUsage(
            name: "Cohere's classify and parse", json: #"{"billed_units": {"classifications": 2, "pages": 3}}"#,
            format: .cohere, meters: ["classifications": 2, "pages": 3]),
        RawUsage(
            name: "Cohere that bills nothing by tokens",
            json: #"{"tokens": {"input_tokens": 71, "output_tokens": 418}}"#, format: .cohere,
            meters: ["input_tokens": 71, "output_tokens": 418]),
    ]
}
