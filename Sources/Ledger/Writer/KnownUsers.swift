/// The numbers of users that the writer has read before.
///
/// Once a name is taken out of its row, it gets a new number when it comes again. `version` counts such changes, so what
/// was read before one is read anew.
struct KnownUsers: Sendable {
    private static let most = 100_000

    var ids: [String: Int64] = [:]
    private(set) var version: Int64 = 0

    mutating func forgetTooMany() {
        if ids.count > Self.most { ids = [:] }
    }

    mutating func forgetAll(asOf version: Int64) { (ids, self.version) = ([:], version) }
}
