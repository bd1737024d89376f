/// What replicas tell each other about leases, by `NOTIFY`. A word that gets lost is made up for by looking again.
enum LeaseNews: Hashable {
    static let channel = "purser_lease"
    private static let recall = "recall "
    static let returned = "returned"
    /// Of the longest numbers so many fit into the 8,000 bytes that `NOTIFY` takes.
    private static let windowsAtOnce = 380

    /// Somebody waits for what is idle in these windows.
    case recalled(Set<Int64>)
    /// Idle money was given back to somebody who waits.
    case gaveBack

    /// What is said to have the idle leases of these windows called back.
    static func recalls(of windows: Set<Int64>) -> [String] {
        let sorted = windows.sorted()
        return stride(from: 0, to: sorted.count, by: windowsAtOnce).map { start in
            recall + sorted[start...].prefix(windowsAtOnce).map(String.init).joined(separator: ",")
        }
    }

    init?(payload: String) {
        if payload == Self.returned {
            self = .gaveBack
        } else if payload.hasPrefix(Self.recall) {
            self = .recalled(Set(payload.dropFirst(Self.recall.count).split(separator: ",").compactMap { Int64($0) }))
        } else {
            return nil
        }
    }
}
