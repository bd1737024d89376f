/// Makes parts fit into their wholes, as far as a provider's figures contradict each other. What they disagree by is
/// recorded, so that it is told.
extension UsageParts {
    private static let cached: [Meter] = [
        .cacheRead, .cacheReadAudio, .cacheReadImage, .cacheWrite, .cacheWriteAudio, .cacheWrite1h, .cacheWrite12h,
    ]
    /// The cheapest first: where it is not known which of them was cached, the dearest counts as not cached.
    private static let media: [(fresh: Meter, cached: Meter)] = [
        (.videoInput, .cacheRead), (.imageInput, .cacheReadImage), (.audioInput, .cacheReadAudio),
    ]
    private static let outputMedia: [Meter] = [.videoOutput, .imageOutput, .audioOutput]

    /// - Parameter isCacheBeside: whether cached tokens that do not fit into the prompt are beside it, as with tools that
    ///   pass on what their provider means by its words. Otherwise the prompt is at least as large as they are.
    mutating func fit(isCacheBeside: Bool) {
        let surplus = max(0, inputParts - input) + max(0, outputParts - output)
        guard surplus > 0 else { return }
        overlapTokens = surplus
        if inputParts > input { fitInput(isCacheBeside: isCacheBeside) }
        if outputParts > output { fitOutput() }
    }

    /// Media that do not fit beside the cached tokens are among them.
    private mutating func fitInput(isCacheBeside: Bool) {
        let cached = Self.cached.reduce(0) { $0 + self[$1] }
        if cached > input { set(.input, isCacheBeside ? Self.sum(input, cached) : cached) }
        var excess = inputParts - input
        guard excess > 0 else { return }
        for medium in Self.media {
            let moved = min(excess, self[medium.fresh])
            set(medium.fresh, self[medium.fresh] - moved)
            excess -= moved
            let ofCached = min(moved, self[.cacheRead])
            set(.cacheRead, self[.cacheRead] - ofCached)
            add(medium.cached, ofCached)
        }
    }

    /// Reasoning that does not fit into the output is beside it. Of media, only so much counts as fits.
    private mutating func fitOutput() {
        if self[.reasoning] > output { add(.output, self[.reasoning]) }
        var excess = outputParts - output
        guard excess > 0 else { return }
        for part in [.reasoning] + Self.outputMedia {
            let cut = min(excess, self[part])
            set(part, self[part] - cut)
            excess -= cut
        }
    }
}
