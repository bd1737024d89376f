import Accounting
import Postgres

/// The statements that write a batch, each made when it is asked for: PostgreSQL works on one while the next is made.
///
/// Entries come first: their ids are this replica's own, so a server that is stopped while it sends them is in nobody's
/// way.
final class BatchStatements: Sequence, IteratorProtocol {
    private static let entriesAStatement = 128

    private let result: BatchResult
    private let rowType: UInt32
    private let changes: WindowChanges
    private var chain: HashChain
    private var entryCount = 0
    private var step = 0
    /// The rest of the last step, the next statement last.
    private var made: [SQL] = []
    private var count = 0

    /// The statement that locks the windows; nil where the batch changes none.
    private(set) var windowLock: Int?
    /// The one that returns them as the batch leaves them.
    private(set) var windows: Int?
    /// The one that returns how many thresholds were crossed; nil where there is none to cross.
    private(set) var crossings: Int?
    /// Over the batches up to this one, once all statements are made.
    private(set) var hash: [UInt8] = []

    init(_ result: BatchResult, rowType: UInt32) {
        self.result = result
        self.rowType = rowType
        changes = WindowChanges(result)
        chain = HashChain(after: result.batch.previousHash)
    }

    func next() -> SQL? {
        while made.isEmpty {
            guard let next = nextStep() else { return nil }
            made = next.reversed()
        }
        count += 1
        return made.popLast()
    }

    private func nextStep() -> [SQL]? {
        if entryCount < result.entries.count { return [nextEntries()] }
        step += 1
        switch step {
        case 1: return [result.keys, result.rawUsage, result.agreements].compactMap(\.self) + result.disputed
        case 2: return [result.terminalRows, result.unsettled].compactMap(\.self)
        case 3: return windowStatements()
        case 4: return [result.rollups, result.verdictCounts].compactMap(\.self)
        case 5:
            guard changes.mayCrossThreshold else { return [] }
            crossings = count
            return [changes.alerts]
        case 6:
            hash = chain.end()
            return [result.chainLink(hash)]
        default: return nil
        }
    }

    private func nextEntries() -> SQL {
        let rows = result.entries[entryCount...].prefix(Self.entriesAStatement).map(LedgerRows.row)
        entryCount += rows.count
        for row in rows { chain.add(row) }
        return "INSERT INTO ledger SELECT * FROM unnest(\(LedgerRows(rowType: rowType, rows: rows))::ledger[])"
    }

    private func windowStatements() -> [SQL] {
        guard !changes.isEmpty else { return [] }
        let first = [changes.leaseLock].compactMap(\.self)
        windowLock = count + first.count
        windows = windowLock! + 1
        return first + [changes.windowLock, changes.change]
    }
}
