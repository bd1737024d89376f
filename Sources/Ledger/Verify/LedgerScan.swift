import Accounting
import Postgres
import Wording

/// Reads the whole ledger once, in the order in which it was written. Checks the hash chain of each replica and the
/// cost of each entry.
struct LedgerScan {
    private static let pageRows: Int64 = 5_000

    private var chainProblems: [String] = []
    private var costs: CostCheck
    private var batchCount = 0

    static func run(_ transaction: borrowing Transaction) throws -> [IntegrityCheck] {
        var scan = LedgerScan(costs: try CostCheck(transaction))
        for row in try transaction.query("SELECT DISTINCT replica_id FROM batch ORDER BY 1") {
            try scan.scan(replica: try row.decode(at: 0), transaction)
        }
        try scan.costs.checkCorrections(transaction)
        let strays: Int64 = try transaction.query(
            """
            SELECT count(*) FROM ledger l
            WHERE l.entry_id >> 40 <> l.batch_replica_id
                OR NOT EXISTS (SELECT 1 FROM batch b WHERE b.replica_id = l.batch_replica_id AND b.number = l.batch_number)
            """)[0].decode(at: 0)
        if strays > 0 { Self.note(&scan.chainProblems, "\(Phrase.count(strays, "entry", "entries")) in no batch") }
        return [
            IntegrityCheck(
                claim: "the chain of batches is whole", checked: scan.batchCount, problems: scan.chainProblems),
            IntegrityCheck(
                claim: "every entry costs what its prices say", checked: scan.costs.entryCount,
                problems: scan.costs.problems),
        ]
    }

    private static func note(_ problems: inout [String], _ problem: String) {
        if problems.count < Verification.maximumProblems { problems.append(problem) }
    }

    private mutating func scan(replica: Int64, _ transaction: borrowing Transaction) throws {
        let batches = try transaction.query(
            """
            SELECT number, entry_count, hash FROM batch
            WHERE replica_id = \(replica) ORDER BY number
            """)
        var entries = EntryCursor(replica: replica)
        var hash: [UInt8] = []
        for (index, row) in batches.enumerated() {
            let (number, count, stored) = try row.decode((Int64, Int64, [UInt8]).self)
            if number != Int64(index) + 1 {
                Self.note(&chainProblems, "replica \(replica) lacks a batch before \(number)")
            }
            var chain = HashChain(after: hash)
            for _ in 0..<count {
                guard let entry = try entries.next(transaction, Self.pageRows) else { break }
                chain.add(entry.row.bytes)
                try costs.check(entry.row, entry.agreed)
            }
            hash = chain.end()
            if hash != stored {
                Self.note(&chainProblems, "batch \(number) of replica \(replica) is not what was written")
                hash = stored
            }
            batchCount += 1
        }
        if try entries.next(transaction, Self.pageRows) != nil {
            Self.note(&chainProblems, "replica \(replica) has entries after its last batch")
        }
    }
}

/// Reads one replica's entries in order, a page at a time.
private struct EntryCursor {
    private let replica: Int64
    private var page: Rows?
    /// The agreements of the page's entries, by entry id; an entry without an agreement is absent.
    private var agreed: [Int64: CostCheck.Agreed] = [:]
    private var position = 0
    private var lastID: Int64

    init(replica: Int64) {
        self.replica = replica
        lastID = replica << 40
    }

    mutating func next(
        _ transaction: borrowing Transaction, _ pageRows: Int64
    ) throws -> (row: Row, agreed: CostCheck.Agreed?)? {
        if page == nil || position == page!.count { try turn(transaction, pageRows) }
        guard position < page!.count else { return nil }
        let row = page![position]
        position += 1
        lastID = try row.decode(named: "entry_id")
        return (row, agreed[lastID])
    }

    private mutating func turn(_ transaction: borrowing Transaction, _ pageRows: Int64) throws {
        let page = try transaction.query(
            """
            SELECT \(unescaped: BookedEntry.columnNames.joined(separator: ", ")) FROM ledger
            WHERE entry_id > \(lastID) AND entry_id < \((replica + 1) << 40)
            ORDER BY entry_id LIMIT \(pageRows)
            """)
        self.page = page
        position = 0
        agreed = [:]
        guard page.count > 0 else { return }
        let end: Int64 = try page[page.count - 1].decode(named: "entry_id")
        for row in try transaction.query(
            """
            SELECT entry_id, agreement_id, price_ids FROM entry_agreement
            WHERE entry_id > \(lastID) AND entry_id <= \(end)
            """)
        {
            let (entry, agreement, priceIDs) = try row.decode((Int64, Int64, [Int64?]?).self)
            agreed[entry] = CostCheck.Agreed(agreementID: agreement, priceIDs: priceIDs)
        }
    }
}
