/// One kind of thing a call consumes and a provider charges for, by its name in the API: `cache_read_tokens`.
///
/// Any name with a price is a meter; those named here are the parts that the wholes of a call are split into.
package struct Meter: Hashable, Sendable, CustomStringConvertible {
    package let name: String
    /// The place of a named meter in `named`, which tells it apart without a look at its name; nil for any other.
    let ordinal: Int8?

    package init(_ name: String) { self = Self.named.first { $0.name == name } ?? Meter(name, nil) }

    private init(_ name: String, _ ordinal: Int8?) {
        self.name = name
        self.ordinal = ordinal
    }

    package var description: String { name }
    /// Whether it needs no price to be known.
    var isNamed: Bool { ordinal != nil }

    package static let input = Meter("input_tokens", 0)
    package static let cacheRead = Meter("cache_read_tokens", 1)
    package static let cacheWrite = Meter("cache_write_tokens", 2)
    /// Writes to a cache that lives an hour, beside (not among) `cacheWrite`.
    package static let cacheWrite1h = Meter("cache_write_1h_tokens", 3)
    package static let audioInput = Meter("audio_input_tokens", 4)
    package static let imageInput = Meter("image_input_tokens", 5)
    package static let output = Meter("output_tokens", 6)
    package static let reasoning = Meter("reasoning_tokens", 7)
    package static let audioOutput = Meter("audio_output_tokens", 8)
    package static let webSearches = Meter("web_searches", 9)
    package static let images = Meter("images", 10)
    package static let requests = Meter("requests", 11)

    package static let inputParts = [cacheRead, cacheWrite, cacheWrite1h, audioInput, imageInput]
    package static let outputParts = [reasoning, audioOutput]
    package static let tokenMeters = [input] + inputParts + [output] + outputParts
    /// Those that need no price to be known; without one they leave a call unpriced.
    package static let named = tokenMeters + [webSearches, images, requests]

    /// The meter whose rate is used where this one has none of its own.
    package var parent: Meter? {
        switch self {
        case .cacheWrite1h: .cacheWrite
        case .cacheRead, .cacheWrite, .audioInput, .imageInput: .input
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
