/// Lease notifications: what replicas tell each other about leases with `NOTIFY`. A lost notification does no harm,
/// because replicas also look for changes regularly.
enum LeaseNotification: Hashable {
    static let channel = "purser_lease"
    private static let revocationWord = "recall "
    static let returned = "returned"
    /// How many of the longest window ids fit into the 8,000 bytes of a `NOTIFY` payload.
    private static let windowsAtOnce = 380

    /// A lease revocation: calls wait for the idle money in these windows.
    case revoked(Set<Int64>)
    /// A replica gave back idle money, and others may wait for it.
    case gaveBack

    /// The payloads that revoke the idle leases of these windows.
    static func revocations(of windows: Set<Int64>) -> [String] {
        let sorted = windows.sorted()
        return stride(from: 0, to: sorted.count, by: windowsAtOnce).map { start in
            revocationWord + sorted[start...].prefix(windowsAtOnce).map(String.init).joined(separator: ",")
        }
    }

    init?(payload: String) {
        if payload == Self.returned {
            self = .gaveBack
        } else if payload.hasPrefix(Self.revocationWord) {
            self = .revoked(
                Set(payload.dropFirst(Self.revocationWord.count).split(separator: ",").compactMap { Int64($0) }))
        } else {
            return nil
        }
    }
}
