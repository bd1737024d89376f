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
        let (prompt, toolUse) = (whole(words.prompt, .input), count(words.toolUse))
        let candidates = whole(words.candidates, or: words.response, .output)
        parts.total = count(words.total)
        parts.set(.input, prompt + toolUse)
        // Some answers count the thoughts among the candidates. Their total shows it.
        let areThoughtsInside = thoughts > 0 && thoughts <= candidates && parts.total == prompt + toolUse + candidates
        parts.set(.output, candidates + (areThoughtsInside ? 0 : thoughts))
        parts.set(.reasoning, thoughts)
        let fresh = media(words.promptDetails, words)
        let tools = media(words.toolUseDetails, words)
        let cached = media(words.cachedDetails, words)
        parts.set(.cacheReadAudio, cached.audio)
        parts.set(.cacheReadImage, cached.image)
        parts.set(.cacheRead, parts.rest(of: count(words.cached), without: cached.audio + cached.image))
        parts.set(.audioInput, parts.rest(of: fresh.audio + tools.audio, without: cached.audio))
        parts.set(.imageInput, parts.rest(of: fresh.image + tools.image, without: cached.image))
        // Cached video has no rate of its own, so it stays in the rest of the cached tokens.
        parts.set(.videoInput, parts.rest(of: fresh.video + tools.video, without: cached.video))
        let hasCandidates = value[words.candidatesDetails] != nil
        let answer = media(hasCandidates ? words.candidatesDetails : words.responseDetails, words)
        parts.set(.audioOutput, answer.audio)
        parts.set(.imageOutput, answer.image)
        parts.set(.videoOutput, answer.video)
        parts.set(.inputCharacters, count(words.characters))
        addGrounding(to: &parts)
        parts.differenceTokens = parts.excess
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
            // What another modality costs is not known, so its count stays unread.
            guard let found = element[words.tokens], let modality = element["modality"]?.string,
                Self.modalities.contains(modality)
            else { continue }
            let count = check(found, at: "\(list)/\(index)/\(words.tokens)")
            switch modality {
            case "AUDIO", "audio": media.audio = UsageParts.sum(media.audio, count)
            case "IMAGE", "image": media.image = UsageParts.sum(media.image, count)
            case "VIDEO", "video": media.video = UsageParts.sum(media.video, count)
            default: break
            }
        }
        return media
    }

    private static let modalities: Set<String> = [
        "AUDIO", "audio", "IMAGE", "image", "VIDEO", "video", "TEXT", "text", "DOCUMENT", "document",
        "MODALITY_UNSPECIFIED", "unspecified",
    ]

    /// Searches have a price each. Looking things up in one's own files costs only tokens.
    private mutating func addGrounding(to parts: inout UsageParts) {
        addQueries(to: &parts)
        guard let tools = value["grounding_tool_count"]?.elements else { return }
        for (index, tool) in tools.enumerated() {
            guard let found = tool["count"], let type = tool["type"]?.string else { continue }
            func count() -> Int64 { check(found, at: "grounding_tool_count/\(index)/count") }
            switch type {
            case "google_search": parts.add(.webSearches, count())
            case "google_maps": parts.add(.mapSearches, count())
            case "url_context", "file_search", "code_execution", "retrieval": use(found)
            // What another tool costs is not known, so its count stays unread.
            default: break
            }
        }
    }

    /// A whole answer lists its searches. Each different one is charged once, an empty one is not (ai.google.dev, grounding
    /// with Google Search).
    private mutating func addQueries(to parts: inout UsageParts) {
        guard let candidates = around?.value["candidates"]?.elements else { return }
        var queries: Set<String> = []
        for candidate in candidates {
            let grounding = candidate["groundingMetadata"] ?? candidate["grounding_metadata"]
            for list in [grounding?["webSearchQueries"], grounding?["web_search_queries"]] {
                for query in list?.elements.compactMap(\.string) ?? [] where !query.isEmpty { queries.insert(query) }
            }
        }
        countBeside(.webSearches, Int64(queries.count), in: &parts)
    }
}
