/// What replicas tell each other about leases, by `NOTIFY`. A word that gets lost is made up for by looking again.
enum LeaseNews: Hashable {
    static let channel = "purser_lease"
    static let recall = "recall "
    static let returned = "returned"

    /// Somebody waits for what is idle in these windows.
    case recalled(Set<Int64>)
    /// Idle money was given back to somebody who waits.
    case gaveBack

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
