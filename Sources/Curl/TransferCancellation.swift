import Synchronization

/// Set once by the task that waits, seen by the thread that transfers.
final class TransferCancellation: Sendable {
    private let flag = Atomic(false)

    func cancel() {
        flag.store(true, ordering: .relaxed)
    }

    var isCancelled: Bool {
        flag.load(ordering: .relaxed)
    }
}
