import Accounting
import Postgres

/// The statements that write a batch. Each is made when it is asked for, so that PostgreSQL works on one while the next
/// is made.
///
/// Entries come first, because no other replica uses their ids: a server that stops while it sends them blocks nobody.
final class BatchStatements: Sequence, IteratorProtocol {
    private static let entriesAStatement = 128

    private let result: BatchResult
    private let rowType: UInt32
    private let users: KnownUsers
    private let changes: WindowChanges
    private var chain: HashChain
    private var entryCount = 0
    private var step = 0
    /// The remaining statements of the current step in reverse order: the next statement is the last element.
    private var made: [SQL] = []
    private var count = 0

    /// The indexes of the statements that wait for rows which other replicas change too, and return how long they did.
    private(set) var locks: [Int] = []
    /// The index of the statement that returns whether others have windows of the batch.
    private(set) var freeLock: Int?
    /// The index of the statement that returns the windows as the batch leaves them.
    private(set) var windows: Int?
    /// The index of the statement that returns how many thresholds were crossed; nil if the batch can cross none.
    private(set) var crossings: Int?
    /// The hash over all batches up to this one; set once all statements are made.
    private(set) var hash: [UInt8] = []

    init(_ result: BatchResult, _ known: BatchReadSet) {
        self.result = result
        rowType = known.rowType
        users = known.users
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
        case 1:
            return [
                result.keys, result.replacedKeys, result.keptKeys, result.rawUsage, result.agreements, result.notes,
                result.acceptedDisputes,
            ].compactMap(\.self)
                + result.disputed
        case 2: return [result.outcomeRows, result.unsettled, result.settledLate].compactMap(\.self)
        case 3: return windowStatements()
        case 4: return sumStatements()
        case 5:
            guard changes.mayCrossThreshold else { return [] }
            crossings = count
            return [result.batch.sharesRows ? changes.sharedAlerts : changes.alerts]
        case 6:
            hash = chain.end()
            return [result.chainLink(hash)]
        default: return nil
        }
    }

    private func sumStatements() -> [SQL] {
        let notes = [result.verdictCounts, result.verdictPages(users)]
        guard let rollups = result.rollups else { return notes.compactMap(\.self) }
        if result.batch.sharesRows { locks.append(count) }
        return ([result.batch.sharesRows ? rollups.lock : nil, rollups.add] + notes).compactMap(\.self)
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
        let lock = count + first.count
        locks.append(lock)
        guard result.batch.sharesRows else {
            windows = lock + 1
            return first + [changes.windowLock, changes.change] + [changes.slots.insert].compactMap(\.self)
        }
        (freeLock, windows) = (lock + 1, lock + 3)
        return first + [changes.sharedWindowLock, changes.freeWindowLock, changes.sharedChange, changes.totals]
            + [changes.slots.insert].compactMap(\.self)
    }
}
