/// One kind of thing a call consumes and a provider charges for, by its name in the API: `cache_read_tokens`.
///
/// Any name with a price is a meter; those named here are the parts that the wholes of a call are split into.
package struct Meter: Hashable, Sendable, CustomStringConvertible {
    package let name: String

    package init(_ name: String) { self.name = name }

    package var description: String { name }

    package static let input = Meter("input_tokens")
    package static let cacheRead = Meter("cache_read_tokens")
    package static let cacheWrite = Meter("cache_write_tokens")
    /// Writes to a cache that lives an hour, beside (not among) `cacheWrite`.
    package static let cacheWrite1h = Meter("cache_write_1h_tokens")
    package static let audioInput = Meter("audio_input_tokens")
    package static let imageInput = Meter("image_input_tokens")
    package static let output = Meter("output_tokens")
    package static let reasoning = Meter("reasoning_tokens")
    package static let audioOutput = Meter("audio_output_tokens")
    package static let webSearches = Meter("web_searches")
    package static let images = Meter("images")
    package static let requests = Meter("requests")

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
}
