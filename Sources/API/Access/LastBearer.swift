/// The caller of a connection's last request. It is kept so that the next request with the same token needs no look-up
/// in the memory that all connections share.
struct LastBearer {
    private let authorization: String?
    private let configurationVersion: Int64
    private let caller: KnownCaller?

    init() { (authorization, configurationVersion, caller) = (nil, -1, nil) }

    init(_ authorization: String?, _ configurationVersion: Int64, _ caller: KnownCaller) {
        self.authorization = authorization
        self.configurationVersion = configurationVersion
        self.caller = caller
    }

    /// Nil where the header differs, or the configuration has changed and the token may be revoked.
    func principal(of authorization: String?, _ configurationVersion: Int64) -> Principal? {
        guard self.configurationVersion == configurationVersion, let authorization, let known = self.authorization,
            known.isEqualInConstantTime(to: authorization)
        else { return nil }
        caller?.noteUse()
        return caller?.principal
    }
}

/// Compares in constant time: it takes as long whether the first byte differs or the last, so that its duration tells
/// nothing about a token. This matters because a proxy may send the requests of many clients over one connection.
private func areEqualInConstantTime(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    for index in 0..<left.count { difference |= left[index] ^ right[index] }
    return difference == 0
}

extension String {
    func isEqualInConstantTime(to other: String) -> Bool {
        var (left, right) = (self, other)
        return left.withUTF8 { left in
            right.withUTF8 { areEqualInConstantTime(UnsafeRawBufferPointer(left), UnsafeRawBufferPointer($0)) }
        }
    }
}

extension [UInt8] {
    func isEqualInConstantTime(to other: [UInt8]) -> Bool {
        withUnsafeBytes { left in other.withUnsafeBytes { areEqualInConstantTime(left, $0) } }
    }
}
