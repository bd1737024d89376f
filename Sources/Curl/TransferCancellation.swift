import Synchronization

/// A flag that the waiting task sets once and the thread of the transfer reads.
final class TransferCancellation: Sendable {
    private let flag = Atomic(false)

    func cancel() {
        flag.store(true, ordering: .relaxed)
    }

    var isCancelled: Bool {
        flag.load(ordering: .relaxed)
    }
}
