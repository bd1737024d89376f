/// How many bytes of a request may still come that are not its body (see `ConnectionLimits.maximumFramingBytes`).
struct FramingAllowance {
    private var framingBytes = 0
    private var bodyBytes = 0
    /// The decoder takes no more of this body than its head announced, and nothing around it.
    private var hasLength = false

    /// The number of bytes that may be taken before it must be asked again.
    var remainingBytes: Int {
        if hasLength { return .max }
        return ConnectionLimits.maximumFramingBytes
            + bodyBytes * ConnectionLimits.framingBytesPerBodyByte - framingBytes
    }

    /// Call this for all bytes, before the decoder has told what they are.
    mutating func take(_ count: Int) { framingBytes += count }

    mutating func beginBody(hasLength: Bool) { self.hasLength = hasLength }

    /// Some of the bytes taken were body.
    mutating func takeBody(_ count: Int) {
        bodyBytes += count
        framingBytes -= count
    }

    mutating func endRequest() { self = FramingAllowance() }
}
