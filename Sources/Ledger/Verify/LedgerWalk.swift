import Accounting
import Postgres

/// Walks the whole ledger once, in the order it was written: the chain of each replica, and the cost of each entry.
struct LedgerWalk {
    private static let pageRows: Int64 = 5_000

    private var chainProblems: [String] = []
    private var costProblems: [String] = []
    private var batchCount = 0
    private var entryCount = 0
    private var rates: [Int64: (tier: String, femtodollars: Int64)] = [:]

    static func run(_ transaction: borrowing Transaction) throws -> [Finding] {
        var walk = LedgerWalk()
        for row in try transaction.query("SELECT price_id, service_tier, femtodollars_per_unit FROM price") {
            let (id, tier, femtodollars) = try row.decode((Int64, String, Int64).self)
            walk.rates[id] = (tier, femtodollars)
        }
        for row in try transaction.query("SELECT DISTINCT replica_id FROM batch ORDER BY 1") {
            try walk.walk(replica: try row.decode(at: 0), transaction)
        }
        try walk.checkCorrections(transaction)
        let strays: Int64 = try transaction.query(
            """
            SELECT count(*) FROM ledger l
            WHERE l.entry_id >> 40 <> l.batch_replica_id
                OR NOT EXISTS (SELECT 1 FROM batch b WHERE b.replica_id = l.batch_replica_id AND b.number = l.batch_number)
            """)[0].decode(at: 0)
        if strays > 0 { Self.note(&walk.chainProblems, "\(strays) entries belong to no batch") }
        return [
            Finding(claim: "the chain of batches is whole", checked: walk.batchCount, problems: walk.chainProblems),
            Finding(
                claim: "every entry costs what its prices say", checked: walk.entryCount, problems: walk.costProblems),
        ]
    }

    private static func note(_ problems: inout [String], _ problem: String) {
        if problems.count < Verification.maximumProblems { problems.append(problem) }
    }

    private mutating func walk(replica: Int64, _ transaction: borrowing Transaction) throws {
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
                chain.add(entry.bytes)
                try checkCost(entry)
                entryCount += 1
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

    private mutating func checkCost(_ entry: Row) throws {
        let kind: String = try entry.decode(named: "kind")
        guard kind == "usage" else { return }
        let id: Int64 = try entry.decode(named: "entry_id")
        let tier: String = try entry.decode(named: "service_tier")
        let quantities: [Int64] = try entry.decode(named: "quantities")
        let priceIDs: [Int64?] = try entry.decode(named: "price_ids")
        let cost: Int64? = try entry.decode(named: "list_cost_nanodollars")
        if !isPriced(priceIDs) {
            if cost != nil { Self.note(&costProblems, "entry \(id) has a cost but not a price for everything") }
        } else if self.cost(of: quantities, at: priceIDs, tier) != cost {
            Self.note(
                &costProblems, "entry \(id) says \(cost.map(String.init) ?? "unpriced"), its prices something else")
        }
    }

    /// A call and all its corrections cost what the prices of the last one say.
    private mutating func checkCorrections(_ transaction: borrowing Transaction) throws {
        for row in try transaction.query(
            """
            SELECT DISTINCT ON (c.corrects_entry_id) c.corrects_entry_id, c.service_tier, c.quantities, c.price_ids,
                COALESCE(l.effective_cost_nanodollars, 0) + (
                    SELECT sum(o.effective_cost_nanodollars) FROM ledger o WHERE o.corrects_entry_id = l.entry_id)::bigint
            FROM ledger c JOIN ledger l ON l.entry_id = c.corrects_entry_id
            WHERE c.kind = 'adjustment' ORDER BY c.corrects_entry_id, c.attempt DESC
            """)
        {
            let (id, tier, quantities, priceIDs, cost) = try row.decode(
                (Int64, String, [Int64], [Int64?], Int64).self)
            if !isPriced(priceIDs) || self.cost(of: quantities, at: priceIDs, tier) != cost {
                Self.note(&costProblems, "entry \(id) with its corrections is not what the prices of the last one say")
            }
        }
    }

    private func isPriced(_ priceIDs: [Int64?]) -> Bool {
        priceIDs.allSatisfy { id in id.map { rates[$0] != nil } ?? false }
    }

    private func cost(of quantities: [Int64], at priceIDs: [Int64?], _ tier: String) -> Int64? {
        var sum: Int128 = 0
        for (quantity, priceID) in zip(quantities, priceIDs) {
            let rate = rates[priceID!]!
            let halves: Int128 = tier == "batch" && rate.tier == "standard" ? 1 : 2
            sum += Int128(quantity) * Int128(rate.femtodollars) * halves
        }
        return Rate.nanodollars(fromHalfFemtodollars: sum)
    }
}

/// Reads one replica's entries in order, a page at a time.
private struct EntryCursor {
    private let replica: Int64
    private var page: Rows?
    private var position = 0
    private var lastID: Int64

    init(replica: Int64) {
        self.replica = replica
        lastID = replica << 40
    }

    mutating func next(_ transaction: borrowing Transaction, _ pageRows: Int64) throws -> Row? {
        if page == nil || position == page!.count {
            page = try transaction.query(
                """
                SELECT \(unescaped: BookedEntry.columnNames.joined(separator: ", ")) FROM ledger
                WHERE entry_id > \(lastID) AND entry_id < \((replica + 1) << 40)
                ORDER BY entry_id LIMIT \(pageRows)
                """)
            position = 0
        }
        guard position < page!.count else { return nil }
        let row = page![position]
        position += 1
        lastID = try row.decode(named: "entry_id")
        return row
    }
}
