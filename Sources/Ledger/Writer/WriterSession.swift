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
    private var knownRows = NamedRows()
    var knownMonths: Set<CalendarMonth> = []

    private static let maximumRememberedRows = 100_000

    init(replicaID: Int64) { self.replicaID = replicaID }

    /// Prepares a batch. The numbers of its entries stay the same however often the batch is sent.
    mutating func prepare(_ jobs: [LedgerJob], _ verdictCounts: [VerdictCount], _ configuration: Configuration)
        -> WriteBatch
    {
        users.forgetTooMany()
        if knownRows.count > Self.maximumRememberedRows { knownRows = NamedRows() }
        defer { nextEntryNumber += Int64(jobs.count) }
        return WriteBatch(
            replicaID: replicaID, number: lastBatchNumber + 1, firstEntryNumber: nextEntryNumber,
            previousHash: lastHash, jobs: jobs, verdictCounts: verdictCounts, configuration: configuration,
            expectsRepeats: metRepeats, expectsOverflow: metOverflow, users: users, knownRows: knownRows,
            knownMonths: knownMonths)
    }

    mutating func advance(past batch: CommittedBatch, _ sent: WriteBatch) {
        lastBatchNumber = sent.number
        lastHash = batch.hash
        metRepeats = batch.didMeetTakenIDs
        metOverflow = batch.outcomes.contains { (try? $0.get())?.isOverflow ?? false }
        users = sent.users
        knownRows.formUnion(batch.seenRows)
        knownMonths = sent.knownMonths
    }
}
