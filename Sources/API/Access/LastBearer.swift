/// Who sent the last request of a connection, so that the next with the same token needs no look into the memory that all
/// connections share.
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

    /// Nil where the header is another or the configuration has changed.
    func principal(of authorization: String?, _ configurationVersion: Int64) -> Principal? {
        guard self.configurationVersion == configurationVersion, let authorization, let known = self.authorization,
            known.utf8.isEqualInConstantTime(to: authorization.utf8)
        else { return nil }
        return principal
    }
}

extension Collection<UInt8> {
    /// Takes as long for two that differ in the first byte as for two that differ in the last: a proxy may send what
    /// many clients ask over one connection.
    func isEqualInConstantTime(to other: some Collection<UInt8>) -> Bool {
        guard count == other.count else { return false }
        var difference: UInt8 = 0
        for (left, right) in zip(self, other) { difference |= left ^ right }
        return difference == 0
    }
}
