/// Hashes of the requests that were settled last, in bounded memory: about the latest `capacity`, eight bytes each.
///
/// A hash belongs to one group of eight, which is one line of a processor's cache, so a look-up reads one line. A full
/// group forgets its oldest hash. The table never proves that a request is settled: two requests may share a hash.
struct SettledRequests: Sendable {
    static let capacity = 1 << 18
    private static let groupCount = capacity / SIMD8<UInt64>.scalarCount
    /// The bits of a hash above those that number its group.
    private static let shift = UInt64(64 - groupCount.trailingZeroBitCount)

    /// Of each group its hashes, the newest first; 0 marks a vacant place. Empty until the first request is settled.
    private var groups: [SIMD8<UInt64>] = []

    func mayContain(_ hash: UInt64) -> Bool {
        if groups.isEmpty { return false }
        return any(groups[Self.group(of: hash)] .== SIMD8(repeating: max(hash, 1)))
    }

    mutating func insert(_ hash: UInt64) {
        if mayContain(hash) { return }
        if groups.isEmpty { groups = Array(repeating: .zero, count: Self.groupCount) }
        let group = Self.group(of: hash)
        for place in stride(from: SIMD8<UInt64>.scalarCount - 1, to: 0, by: -1) {
            groups[group][place] = groups[group][place - 1]
        }
        groups[group][0] = max(hash, 1)
    }

    private static func group(of hash: UInt64) -> Int { Int(hash >> shift) }
}
