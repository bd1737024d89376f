import Synchronization

/// How many deliveries of alerts may be under way at once: so many to channels that work, and so many, apart, to those
/// whose last attempt failed, because these may each take until their time limit.
final class DeliveryPlaces: Sendable {
    private let counts: Mutex<(working: Int64, failing: Int64)>

    init(working: Int64, failing: Int64) {
        counts = Mutex((working, failing))
    }

    var free: (working: Int64, failing: Int64) { counts.withLock { $0 } }

    func take(isFailing: Bool) { change(by: -1, isFailing) }

    func giveBack(isFailing: Bool) { change(by: 1, isFailing) }

    private func change(by count: Int64, _ isFailing: Bool) {
        counts.withLock { counts in
            if isFailing { counts.failing += count } else { counts.working += count }
        }
    }
}
