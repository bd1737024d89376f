import JSON

/// Sources: `GenerateContentResponseUsageMetadata`, `UsageMetadata` (Live), `ModalityTokenCount`,
/// `EmbedContentMetadata` and `interactions.Usage` of google-genai 3.4; ai.google.dev and cloud.google.com/vertex-ai
/// (UsageMetadata).
extension UsageReader {
    /// The prompt includes the cached content. Thoughts come on top of the candidates, and tool results on top of the
    /// prompt.
    mutating func gemini() -> UsageParts {
        var parts = UsageParts()
        let words = geminiWords
        let thoughts = count(words.thoughts)
        parts.set(.input, count(words.prompt) + count(words.toolUse))
        parts.set(.output, count(words.candidates, or: words.response, in: whole) + thoughts)
        parts.set(.reasoning, thoughts)
        let prompt = media(words.promptDetails, words)
        let tools = media(words.toolUseDetails, words)
        let cached = media(words.cachedDetails, words)
        parts.set(.cacheReadAudio, cached.audio)
        parts.set(.cacheReadImage, cached.image)
        parts.set(.cacheRead, parts.rest(of: count(words.cached), without: cached.audio + cached.image))
        parts.set(.audioInput, parts.rest(of: prompt.audio + tools.audio, without: cached.audio))
        parts.set(.imageInput, parts.rest(of: prompt.image + tools.image, without: cached.image))
        // Cached video has no rate of its own, so it stays in the rest of the cached tokens.
        parts.set(.videoInput, parts.rest(of: prompt.video + tools.video, without: cached.video))
        let hasCandidates = value[words.candidatesDetails] != nil
        let answer = media(hasCandidates ? words.candidatesDetails : words.responseDetails, words)
        parts.set(.audioOutput, answer.audio)
        parts.set(.imageOutput, answer.image)
        parts.set(.videoOutput, answer.video)
        parts.set(.inputCharacters, count(words.characters))
        addGrounding(to: &parts)
        parts.differenceTokens = parts.excess(of: count(words.total))
        return parts
    }

    private var geminiWords: GeminiWords {
        if value["total_input_tokens"] != nil || value["total_output_tokens"] != nil { return .interactions }
        let isSnake = ["prompt_token_count", "candidates_token_count", "total_token_count", "billable_character_count"]
            .contains { (name: StaticString) in value[name] != nil }
        return isSnake ? .snake : .camel
    }

    /// Reads a list such as `[{"modality": "AUDIO", "tokenCount": 5}]`. Text and documents are the rest.
    private mutating func media(
        _ list: StaticString, _ words: GeminiWords
    ) -> (audio: Int64, image: Int64, video: Int64) {
        var media: (audio: Int64, image: Int64, video: Int64) = (0, 0, 0)
        guard let elements = value[list]?.elements else { return media }
        for (index, element) in elements.enumerated() {
            guard let found = element[words.tokens] else { continue }
            let count = check(found, at: "\(list)/\(index)/\(words.tokens)")
            switch element["modality"]?.string {
            case "AUDIO", "audio": media.audio = UsageParts.sum(media.audio, count)
            case "IMAGE", "image": media.image = UsageParts.sum(media.image, count)
            case "VIDEO", "video": media.video = UsageParts.sum(media.video, count)
            default: break
            }
        }
        return media
    }

    /// Searches have a price each. Looking things up in one's own files costs only tokens.
    private mutating func addGrounding(to parts: inout UsageParts) {
        guard let tools = value["grounding_tool_count"]?.elements else { return }
        for (index, tool) in tools.enumerated() {
            guard let found = tool["count"] else { continue }
            let count = check(found, at: "grounding_tool_count/\(index)/count")
            switch tool["type"]?.string {
            case "google_search": parts.add(.webSearches, count)
            case "google_maps": parts.add(.mapSearches, count)
            default: break
            }
        }
    }
}
