import Accounting

/// State that the writer keeps between batches.
struct WriterSession {
    let replicaID: Int64
    private(set) var lastBatchNumber: Int64 = 0
    private(set) var lastHash: [UInt8] = []
    private var nextEntryNumber: Int64 = 1
    private var metRepeats = false
    private var metOverflow = false
    var users = KnownUsers()
    var knownMonths: Set<CalendarMonth> = []

    init(replicaID: Int64) { self.replicaID = replicaID }

    /// Prepares a batch. The numbers of its entries stay the same however often the batch is sent.
    mutating func prepare(_ jobs: [LedgerJob], _ verdictCounts: [VerdictCount], _ configuration: Configuration)
        -> WriteBatch
    {
        users.forgetTooMany()
        defer { nextEntryNumber += Int64(jobs.count) }
        return WriteBatch(
            replicaID: replicaID, number: lastBatchNumber + 1, firstEntryNumber: nextEntryNumber,
            previousHash: lastHash, jobs: jobs, verdictCounts: verdictCounts, configuration: configuration,
            expectsRepeats: metRepeats, expectsOverflow: metOverflow, users: users, knownMonths: knownMonths)
    }

    mutating func advance(past batch: CommittedBatch, _ sent: WriteBatch) {
        lastBatchNumber = sent.number
        lastHash = batch.hash
        metRepeats = batch.didMeetTakenIDs
        metOverflow = batch.outcomes.contains(where: \.isOverflow)
        users = sent.users
        knownMonths = sent.knownMonths
    }
}
