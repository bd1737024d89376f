import JSON

/// The words in which a tool or a model server writes its usage: a table of fields and what each one counts. A tool with
/// several kinds of objects has a table for each.
///
/// Providers whose objects need more than a table have readers of their own.
struct UsageWords {
    /// What a field counts.
    enum Meaning {
        /// The whole prompt, with its cached part unless `isCacheInside` is false.
        case input
        /// Tokens of the prompt that its whole does not include.
        case moreInput
        /// The whole output, with its reasoning unless `isReasoningInside` is false.
        case output
        case moreOutput
        case reads, writes, writes5m, writes1h
        case reasoning
        /// A part of the prompt or of the output in a medium, unless `areMediaInside` is false.
        case audioInput, imageInput, videoInput, audioOutput, imageOutput, videoOutput
        /// Audio that was read from a cache. `reads` and `audioInput` count it too.
        case cachedAudio
        case beside(Meter)
        case total
        /// What other fields say already, or what costs nothing.
        case silent
    }

    struct Word {
        let path: [StaticString]
        let meaning: Meaning

        init(_ path: StaticString..., is meaning: Meaning) {
            self.path = path
            self.meaning = meaning
        }
    }

    /// A field that tells this table from the format's other ones; nil for the last.
    var sign: StaticString?
    var isCacheInside = true
    /// Whether the prompt includes cache writes even where it includes reads.
    var areWritesInside = true
    var areMediaInside = true
    var isReasoningInside = true
    let words: [Word]

    /// The table for an object of a format that has any; nil for a format with a reader of its own.
    static func table(of format: UsageFormat, for value: JSONValue) -> UsageWords? {
        tables[format]?.first { $0.sign.map { value[$0] != nil } ?? true }
    }

    fileprivate static let tables: [UsageFormat: [UsageWords]] = [
        .vercel: [vercel], .langChain: [langChain], .codex: [codex], .claudeCode: [claudeCode],
        .geminiCLI: [geminiStatistics, geminiTelemetry], .pydanticAI: [pydanticAI], .openInference: [openInference],
        .openTelemetry: [openTelemetry], .langfuse: [langfuse], .mastra: [mastra], .microsoft: [microsoft],
        .helicone: [helicone], .llama: [llama], .titan: [titan], .ollama: [ollama], .watsonx: [watsonx],
    ]
}

extension UsageFormat {
    /// Whether the format is read by a table of words.
    var isTable: Bool { UsageWords.tables[self] != nil }
}
