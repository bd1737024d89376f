import Postgres

/// Jobs that wait for the next commit, with what to call when each is done.
struct LedgerQueue {
    struct Entry: Sendable {
        let job: LedgerJob
        let done: @Sendable (Result<LedgerOutcome, LedgerFailure>) -> Void
    }

    /// Jobs beyond this are refused as over capacity.
    static let maximumWaiting = 100_000
    /// Jobs in one transaction at the most.
    static let maximumBatch = 2_000

    private(set) var waiting: [Entry] = []
    private(set) var isClosed = false
    /// Jobs that were ever taken, and those of them that were committed or have failed.
    private(set) var takenCount = 0
    private(set) var doneCount = 0
    /// Set once a second, so that verdict counts are written without a settlement to go with them.
    var isDue = false

    mutating func add(_ entry: Entry) -> Bool {
        guard !isClosed, waiting.count < Self.maximumWaiting else { return false }
        waiting.append(entry)
        takenCount += 1
        return true
    }

    mutating func finish(_ count: Int) { doneCount += count }

    mutating func close() { isClosed = true }

    /// The next batch; empty when only counts are due; nil when there is nothing to do yet.
    mutating func next() -> [Entry]? {
        guard !waiting.isEmpty || isDue || isClosed else { return nil }
        isDue = false
        let batch = Array(waiting.prefix(Self.maximumBatch))
        waiting.removeFirst(batch.count)
        return batch
    }
}
