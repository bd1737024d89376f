@testable import Accounting

/// OpenAI's speech. Sources: `RealtimeResponseUsage` and `Transcription.usage` of openai-python 3.54;
/// developers.openai.com (managing costs of realtime).
extension RawUsage {
    static let realtime: [RawUsage] = [
        // Plain input: 132 - 64 - 13 = 55. Plain output: 121 - 91 = 30.
        RawUsage(
            name: "realtime with cached text",
            json: """
                {"type": "response.done", "response": {"object": "realtime.response", "usage":
                {"total_tokens": 253, "input_tokens": 132, "output_tokens": 121, "input_token_details": {"text_tokens": 119, "audio_tokens": 13, "image_tokens": 0, "cached_tokens": 64, "cached_tokens_details": {"text_tokens": 64, "audio_tokens": 0, "image_tokens": 0}}, "output_token_details": {"text_tokens": 30, "audio_tokens": 91}}}}
                """,
            format: .openAIResponses,
            meters: [
                "input_tokens": 55, "cache_read_tokens": 64, "audio_input_tokens": 13, "output_tokens": 30,
                "audio_output_tokens": 91,
            ],
            kept:
                #"{"total_tokens": 253, "input_tokens": 132, "output_tokens": 121, "input_token_details": {"text_tokens": 119, "audio_tokens": 13, "image_tokens": 0, "cached_tokens": 64, "cached_tokens_details": {"text_tokens": 64, "audio_tokens": 0, "image_tokens": 0}}, "output_token_details": {"text_tokens": 30, "audio_tokens": 91}}"#
        ),
        // Cached: 250 of 500 audio, 100 of 300 image and 100 of 200 text tokens. 250, 200 and 100 are left.
        RawUsage(
            name: "realtime with all kinds cached",
            json: """
                {"total_tokens": 1080, "input_tokens": 1000, "output_tokens": 80, "input_token_details":
                 {"text_tokens": 200, "audio_tokens": 500, "image_tokens": 300, "cached_tokens": 450,
                  "cached_tokens_details": {"text_tokens": 100, "audio_tokens": 250, "image_tokens": 100}},
                 "output_token_details": {"text_tokens": 20, "audio_tokens": 60}}
                """,
            format: .openAIResponses,
            meters: [
                "input_tokens": 100, "cache_read_tokens": 100, "cache_read_audio_tokens": 250,
                "cache_read_image_tokens": 100, "audio_input_tokens": 250, "image_input_tokens": 200,
                "output_tokens": 20, "audio_output_tokens": 60,
            ]),
        // OpenAI's reference once printed this object: its 128 + 256 cached tokens are 257 more than the whole prompt.
        RawUsage(
            name: "realtime with more cached than there is",
            json: """
                {"total_tokens": 275, "input_tokens": 127, "output_tokens": 148,
                 "input_token_details": {"cached_tokens": 384, "text_tokens": 119, "audio_tokens": 8,
                   "cached_tokens_details": {"text_tokens": 128, "audio_tokens": 256}},
                 "output_token_details": {"text_tokens": 36, "audio_tokens": 112}}
                """,
            format: .openAIResponses,
            meters: [
                "cache_read_tokens": 128, "cache_read_audio_tokens": 256, "output_tokens": 36,
                "audio_output_tokens": 112,
            ], residual: -257),
        // The object states 10 cached audio tokens but only 5 audio tokens. 5 are too many, though all fit into the
        // prompt.
        RawUsage(
            name: "realtime with more audio cached than there is audio",
            json: """
                {"total_tokens": 103, "input_tokens": 100, "output_tokens": 3, "input_token_details": {"text_tokens": 95,
                 "audio_tokens": 5, "cached_tokens": 10, "cached_tokens_details": {"audio_tokens": 10}}}
                """,
            format: .openAIResponses,
            meters: ["input_tokens": 90, "cache_read_audio_tokens": 10, "output_tokens": 3], residual: -5),
        // Plain input: 14 - 4 = 10.
        RawUsage(
            name: "a transcription charged by tokens",
            json: """
                {"type": "tokens", "input_tokens": 14, "input_token_details": {"text_tokens": 10, "audio_tokens": 4},
                 "output_tokens": 101, "total_tokens": 115}
                """,
            format: .openAIResponses,
            meters: ["input_tokens": 10, "audio_input_tokens": 4, "output_tokens": 101]),
        // A started second counts as a whole one.
        RawUsage(
            name: "a transcription charged by its length",
            json: #"{"text": "private", "usage": {"type": "duration", "seconds": 27.25}}"#, format: .openAIResponses,
            meters: ["audio_input_seconds": 28], kept: #"{"type": "duration", "seconds": 27.25}"#),
    ]
}
