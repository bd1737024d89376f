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

    /// How many more batches assume that other replicas change the same rows. A server that starts does not know yet.
    private var sharingBatches = Self.sharingBatchesAfterMeeting

    private static let sharingBatchesAfterMeeting = 256
    /// A batch that alone changes its rows takes less to lock them.
    private static let longestLockMicroseconds: Int64 = 500
    private static let maximumRememberedRows = 100_000

    init(replicaID: Int64) { self.replicaID = replicaID }

    /// Prepares a batch. The numbers of its entries stay the same however often the batch is sent.
    mutating func prepare(_ jobs: [LedgerJob], _ verdictNotes: VerdictNotes, _ configuration: Configuration)
        -> WriteBatch
    {
        users.forgetTooMany()
        if knownRows.count > Self.maximumRememberedRows { knownRows = NamedRows() }
        defer { nextEntryNumber += 2 * Int64(jobs.count) }
        return WriteBatch(
            replicaID: replicaID, number: lastBatchNumber + 1, firstEntryNumber: nextEntryNumber,
            previousHash: lastHash, jobs: jobs, verdictNotes: verdictNotes, configuration: configuration,
            expectsRepeats: metRepeats, expectsOverflow: metOverflow, sharesRows: sharingBatches > 0, users: users,
            knownRows: knownRows,
            knownMonths: knownMonths)
    }

    mutating func advance(past batch: CommittedBatch, _ sent: WriteBatch) {
        lastBatchNumber = sent.number
        lastHash = batch.hash
        metRepeats = batch.didMeetTakenIDs
        metOverflow = batch.outcomes.contains { (try? $0.get())?.isOverflow ?? false }
        let didMeetOthers = batch.didMeetOthers || batch.lockWaitMicroseconds > Self.longestLockMicroseconds
        sharingBatches = didMeetOthers ? Self.sharingBatchesAfterMeeting : max(0, sharingBatches - 1)
        users = sent.users
        knownRows.formUnion(batch.seenRows)
        knownMonths = sent.knownMonths
    }
}
