import SeededRandom

@testable import Accounting

/// A random usage object that follows a provider's rules, and the tokens in it.
struct UsageMaker {
    let format: UsageFormat
    let input: Int64
    let output: Int64
    let json: String

    static let all: [@Sendable (inout SplitMix64) -> UsageMaker] = [
        chat, chatBeside, responses, anthropic, gemini, bedrock, cohere,
    ]

    /// `count` random numbers of any size, some of them zero.
    private static func counts(_ count: Int, _ random: inout SplitMix64) -> [Int64] {
        (0..<count).map { _ in random.chance(percent: 30) ? 0 : random.anySize(upTo: 10_000_000_000) }
    }

    /// Usage with text, audio and images. Part of each is cached.
    private static func chat(_ random: inout SplitMix64) -> UsageMaker {
        let part = counts(12, &random)
        let cached = part[0] + part[1] + part[2]
        let input = cached + part[3] + part[4] + part[5] + part[6]
        let output = part[7] + part[8] + part[9] + part[10]
        return UsageMaker(
            format: .openAIChat, input: input, output: output,
            json: """
                {"prompt_tokens": \(input), "completion_tokens": \(output), "total_tokens": \(input + output), "prompt_tokens_details":
                {"cached_tokens": \(cached), "cached_tokens_details": {"audio_tokens": \(part[0]), "image_tokens": \(part[1])},
                 "audio_tokens": \(part[0] + part[3]), "image_tokens": \(part[1] + part[4]), "cache_write_tokens": \(part[5])},
                 "completion_tokens_details": {"reasoning_tokens": \(part[7]), "audio_tokens": \(part[8]), "image_tokens": \(part[9])}}
                """)
    }

    /// Usage with reasoning outside the completion, and with cache hits and misses in the prompt.
    private static func chatBeside(_ random: inout SplitMix64) -> UsageMaker {
        let part = counts(4, &random)
        let input = part[0] + part[1]
        return UsageMaker(
            format: .openAIChat, input: input, output: part[2] + part[3],
            json: """
                {"prompt_tokens": \(input), "completion_tokens": \(part[2] + (part[2] < part[3] ? 0 : part[3])),
                 "total_tokens": \(input + part[2] + part[3]), "prompt_cache_hit_tokens": \(part[0]),
                 "prompt_cache_miss_tokens": \(part[1]), "completion_tokens_details": {"reasoning_tokens": \(part[3])}}
                """)
    }

    private static func responses(_ random: inout SplitMix64) -> UsageMaker {
        let part = counts(6, &random)
        let (input, output) = (part[0] + part[1] + part[2] + part[3], part[4] + part[5])
        return UsageMaker(
            format: .openAIResponses, input: input, output: output,
            json: """
                {"input_tokens": \(input), "output_tokens": \(output), "total_tokens": \(input + output), "input_tokens_details":
                {"cached_tokens": \(part[0]), "cache_write_tokens": \(part[1] + part[2]), "cache_write_tokens_details":
                {"ttl_30m_tokens": \(part[1]), "ttl_12h_tokens": \(part[2])}}, "output_tokens_details": {"reasoning_tokens": \(part[4])}}
                """)
    }

    /// Usage that sometimes includes a compaction. Cache writes are a sum alone, or split by lifetime.
    private static func anthropic(_ random: inout SplitMix64) -> UsageMaker {
        func turn(_ kind: String, _ random: inout SplitMix64) -> (input: Int64, output: Int64, json: String) {
            let part = counts(6, &random)
            let kinds =
                random.chance(percent: 50)
                ? "null"
                : """
                {"ephemeral_5m_input_tokens": \(part[2]), "ephemeral_1h_input_tokens": \(part[3])}
                """
            return (
                part[0] + part[1] + part[2] + part[3], part[4] + part[5],
                """
                "type": "\(kind)", "input_tokens": \(part[0]), "cache_read_input_tokens": \(part[1]),
                "cache_creation_input_tokens": \(part[2] + part[3]), "cache_creation": \(kinds),
                "output_tokens": \(part[4] + part[5]), "output_tokens_details": {"thinking_tokens": \(part[5])}
                """
            )
        }
        let message = turn("message", &random)
        guard random.chance(percent: 30) else {
            return UsageMaker(
                format: .anthropic, input: message.input, output: message.output, json: "{\(message.json)}")
        }
        let compaction = turn("compaction", &random)
        return UsageMaker(
            format: .anthropic, input: message.input + compaction.input, output: message.output + compaction.output,
            json: "{\(message.json), \"iterations\": [{\(compaction.json)}, {\(message.json)}]}")
    }

    /// Usage with every medium in the prompt, in the cache and from tools.
    private static func gemini(_ random: inout SplitMix64) -> UsageMaker {
        let media = ["TEXT", "AUDIO", "IMAGE", "VIDEO"]
        func list(_ counts: [Int64]) -> String {
            "["
                + zip(media, counts).map { "{\"modality\": \"\($0)\", \"tokenCount\": \($1)}" }.joined(separator: ", ")
                + "]"
        }
        let (cached, fresh, tools, answer) = (
            counts(4, &random), counts(4, &random), counts(4, &random), counts(4, &random)
        )
        let thoughts = counts(1, &random)[0]
        let prompt = zip(cached, fresh).map(+)
        let (promptSum, toolSum, answerSum) = (prompt.reduce(0, +), tools.reduce(0, +), answer.reduce(0, +))
        return UsageMaker(
            format: .gemini, input: promptSum + toolSum, output: answerSum + thoughts,
            json: """
                {"promptTokenCount": \(promptSum), "cachedContentTokenCount": \(cached.reduce(0, +)), "candidatesTokenCount": \(answerSum),
                 "toolUsePromptTokenCount": \(toolSum), "thoughtsTokenCount": \(thoughts),
                 "totalTokenCount": \(promptSum + toolSum + answerSum + thoughts), "promptTokensDetails": \(list(prompt)),
                 "cacheTokensDetails": \(list(cached)), "toolUsePromptTokensDetails": \(list(tools)),
                 "candidatesTokensDetails": \(list(answer))}
                """)
    }

    private static func bedrock(_ random: inout SplitMix64) -> UsageMaker {
        let part = counts(5, &random)
        let input = part[0] + part[1] + part[2] + part[3]
        return UsageMaker(
            format: .bedrock, input: input, output: part[4],
            json: """
                {"inputTokens": \(part[0]), "outputTokens": \(part[4]), "totalTokens": \(input + part[4]),
                 "cacheReadInputTokens": \(part[1]), "cacheWriteInputTokens": \(part[2] + part[3]),
                 "cacheDetails": [{"ttl": "1h", "inputTokens": \(part[3])}, {"ttl": "5m", "inputTokens": \(part[2])}]}
                """)
    }

    private static func cohere(_ random: inout SplitMix64) -> UsageMaker {
        let part = counts(3, &random)
        return UsageMaker(
            format: .cohere, input: part[0] + part[1], output: part[2],
            json: """
                {"billed_units": {"input_tokens": \(part[0] + part[1]).0, "output_tokens": \(part[2]), "search_units": 1},
                 "tokens": {"input_tokens": \(part[0] + part[1] + 66), "output_tokens": \(part[2])}, "cached_tokens": \(part[0])}
                """)
    }
}
