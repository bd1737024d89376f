/// The caller of a connection's last request. It is kept so that the next request with the same token needs no look-up
/// in the memory that all connections share.
struct LastBearer {
    private let authorization: String?
    private let configurationVersion: Int64
    private let principal: Principal?

    init() { (authorization, configurationVersion, principal) = (nil, -1, nil) }

    init(_ authorization: String?, _ configurationVersion: Int64, _ principal: Principal) {
        self.authorization = authorization
        self.configurationVersion = configurationVersion
        self.principal = principal
    }

    /// Nil where the header differs or the configuration has changed.
    func principal(of authorization: String?, _ configurationVersion: Int64) -> Principal? {
        guard self.configurationVersion == configurationVersion, let authorization, let known = self.authorization,
            known.utf8.isEqualInConstantTime(to: authorization.utf8)
        else { return nil }
        return principal
    }
}

extension Collection<UInt8> {
    /// Compares in constant time: it takes as long whether the first byte differs or the last, so that its duration
    /// tells nothing about a token. This matters because a proxy may send the requests of many clients over one
    /// connection.
    func isEqualInConstantTime(to other: some Collection<UInt8>) -> Bool {
        guard count == other.count else { return false }
        var difference: UInt8 = 0
        for (left, right) in zip(self, other) { difference |= left ^ right }
        return difference == 0
    }
}
