/// One kind of thing that a call consumes and a provider charges for, under its name in the API, such as
/// `cache_read_tokens`.
///
/// Any name with a price is a meter. The meters named here are the parts into which the wholes of a call are split, and
/// what providers count besides tokens.
package struct Meter: Hashable, Sendable, CustomStringConvertible {
    package let name: String
    /// The place of a named meter in `named`, which identifies it without comparing names; nil for any other meter.
    let ordinal: Int8?

    package init(_ name: String) { self = Self.byName[name] ?? Meter(name, nil) }

    private init(_ name: String, _ ordinal: Int8?) {
        self.name = name
        self.ordinal = ordinal
    }

    package var description: String { name }
    /// Whether the meter is known even without a price.
    package var isNamed: Bool { ordinal != nil }

    package static let input = Meter("input_tokens", 0)
    package static let cacheRead = Meter("cache_read_tokens", 1)
    package static let cacheReadAudio = Meter("cache_read_audio_tokens", 2)
    package static let cacheReadImage = Meter("cache_read_image_tokens", 3)
    /// Writes to a cache that lasts minutes.
    package static let cacheWrite = Meter("cache_write_tokens", 4)
    package static let cacheWriteAudio = Meter("cache_write_audio_tokens", 5)
    /// Writes to a cache that lasts an hour. They are counted beside `cacheWrite`, not as part of it.
    package static let cacheWrite1h = Meter("cache_write_1h_tokens", 6)
    package static let cacheWrite12h = Meter("cache_write_12h_tokens", 7)
    /// Audio that was not read from a cache. The same holds for images and video.
    package static let audioInput = Meter("audio_input_tokens", 8)
    package static let imageInput = Meter("image_input_tokens", 9)
    package static let videoInput = Meter("video_input_tokens", 10)
    /// Tokens of which only a total is known. They are the prompt's if the model has no output; otherwise they have no
    /// rate.
    package static let unsplit = Meter("unsplit_tokens", 11)
    package static let output = Meter("output_tokens", 12)
    package static let reasoning = Meter("reasoning_tokens", 13)
    package static let audioOutput = Meter("audio_output_tokens", 14)
    package static let imageOutput = Meter("image_output_tokens", 15)
    package static let videoOutput = Meter("video_output_tokens", 16)
    package static let audioInputSeconds = Meter("audio_input_seconds", 17)
    package static let classifications = Meter("classifications", 18)
    package static let codeExecutions = Meter("code_executions", 19)
    package static let documentSearches = Meter("document_searches", 20)
    package static let fileSearches = Meter("file_searches", 21)
    package static let images = Meter("images", 22)
    package static let inputCharacters = Meter("input_characters", 23)
    package static let mapSearches = Meter("map_searches", 24)
    package static let pages = Meter("pages", 25)
    package static let requests = Meter("requests", 26)
    package static let searchUnits = Meter("search_units", 27)
    /// Counts that a provider charges for and left out of its object. They have no rate, so their call is unpriced
    /// until somebody says what it cost.
    package static let unreported = Meter("unreported_counts", 28)
    /// A meter of prices alone: the rate of the whole output where no details say what it is. Models of images and of
    /// speech have it.
    package static let undetailedOutput = Meter("undetailed_output_tokens", nil)
    /// What Perplexity read of the pages that it cites. It is no part of the prompt.
    package static let citations = Meter("citation_tokens", nil)
    package static let webSearches = Meter("web_searches", 29)
    package static let xSearches = Meter("x_searches", 30)

    package static let inputParts = [
        cacheRead, cacheReadAudio, cacheReadImage, cacheWrite, cacheWriteAudio, cacheWrite1h, cacheWrite12h, audioInput,
        imageInput, videoInput,
    ]
    package static let outputParts = [reasoning, audioOutput, imageOutput, videoOutput]
    package static let tokenMeters = [input] + inputParts + [unsplit, output] + outputParts
    /// What providers count besides tokens. Server tools that cost nothing of their own are left out, because a meter
    /// without a price would leave their calls unpriced.
    package static let nonTokenMeters = [
        audioInputSeconds, classifications, codeExecutions, documentSearches, fileSearches, images, inputCharacters,
        mapSearches, pages, requests, searchUnits, unreported, webSearches, xSearches,
    ]
    /// The meters that are known even without a price. A call that uses one without a price is unpriced.
    package static let named = tokenMeters + nonTokenMeters

    private static let byName = Dictionary(uniqueKeysWithValues: named.map { ($0.name, $0) })

    /// Whether it counts tokens of the prompt, as the whole or as a part of it.
    package var isOfInput: Bool { ordinal.map { $0 < 12 } ?? false }
    /// Whether it counts tokens that are written to a cache.
    package var isCacheWrite: Bool { ordinal.map { (4...7).contains($0) } ?? false }
    /// Whether it counts tokens: their prices are read by the million.
    package var isOfTokens: Bool { name.hasSuffix("_tokens") }
    /// Whether it counts tokens of the output in a medium other than text.
    package var isOutputMedium: Bool { ordinal.map { (14..<17).contains($0) } ?? false }
    /// Whether it counts tokens of the output, as the whole or as a part of it.
    package var isOfOutput: Bool { ordinal.map { (12..<17).contains($0) } ?? false }

    /// The meter whose rate applies if this meter has no rate of its own. Output in a medium other than text has no
    /// parent, because it costs several times what text does.
    package var parent: Meter? {
        switch self {
        case .cacheReadAudio, .cacheReadImage: .cacheRead
        case .cacheWriteAudio, .cacheWrite1h: .cacheWrite
        case .cacheWrite12h: .cacheWrite1h
        case .cacheRead, .cacheWrite, .audioInput, .imageInput, .videoInput: .input
        case .reasoning: .output
        default: nil
        }
    }

    package static func == (left: Meter, right: Meter) -> Bool {
        left.ordinal == right.ordinal && (left.ordinal != nil || left.name == right.name)
    }

    package func hash(into hasher: inout Hasher) {
        if let ordinal { hasher.combine(ordinal) } else { hasher.combine(name) }
    }
}
