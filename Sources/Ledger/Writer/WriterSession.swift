import Accounting

/// What a writer carries from batch to batch.
struct WriterSession {
    let replicaID: Int64
    private(set) var lastBatchNumber: Int64 = 0
    private(set) var lastHash: [UInt8] = []
    private var nextEntryNumber: Int64 = 1
    var userIDs: [String: Int64] = [:]
    var knownMonths: Set<CalendarMonth> = []

    private static let entryNumberBits: Int64 = 40
    private static let maximumRememberedUsers = 100_000

    init(replicaID: Int64) { self.replicaID = replicaID }

    /// Numbers the entries of a batch. The numbers stay theirs however often the batch is sent.
    mutating func prepare(_ jobs: [LedgerJob], _ tallies: [VerdictTally], _ configuration: Configuration) -> WriteBatch
    {
        if userIDs.count > Self.maximumRememberedUsers { userIDs = [:] }
        var jobs = jobs
        for index in jobs.indices {
            guard case .record(var entry, let digest, let charges) = jobs[index] else { continue }
            entry.entryID = replicaID << Self.entryNumberBits + nextEntryNumber
            nextEntryNumber += 1
            entry.day = configuration.accountingZone.day(at: entry.occurredAt)
            entry.batchReplicaID = replicaID
            entry.batchNumber = lastBatchNumber + 1
            jobs[index] = .record(entry, digest: digest, charges: charges)
        }
        return WriteBatch(
            replicaID: replicaID, number: lastBatchNumber + 1, previousHash: lastHash, jobs: jobs, tallies: tallies,
            configuration: configuration, userIDs: userIDs, knownMonths: knownMonths)
    }

    mutating func advance(past batch: CommittedBatch, _ sent: WriteBatch) {
        lastBatchNumber = sent.number
        lastHash = batch.hash
        userIDs = sent.userIDs
        knownMonths = sent.knownMonths
    }
}
