import Accounting
import Postgres

extension ReplaceableEntry {
    /// Reads the entries with these ids, each with what takes its place.
    static func read(
        _ replaced: [Int64: Posting], _ batch: WriteBatch, _ transaction: borrowing Transaction
    ) throws -> [Int64: ReplaceableEntry] {
        if replaced.isEmpty { return [:] }
        var entries: [Int64: ReplaceableEntry] = [:]
        for call in try RecordedCall.of(replaced.keys.sorted(), transaction) {
            guard let posting = replaced[call.entryID], let entry = LedgerEntry(standing: call) else { continue }
            let windows = try windows(of: call, batch.configuration, transaction)
            entries[call.entryID] = ReplaceableEntry(
                entry, entryID: call.entryID, corrections: call.correctionCount, userID: call.userID, hold: call.holdID,
                windows: windows, by: posting)
        }
        return entries
    }

    /// A call as it stands, to be taken back with nothing in its place. Nil if only a later version knows its tier.
    init?(
        _ call: RecordedCall, takenBackAt now: Timestamp, source: String, _ configuration: Configuration,
        _ transaction: borrowing Transaction
    ) throws {
        guard let entry = LedgerEntry(standing: call) else { return nil }
        self.init(
            entry, entryID: call.entryID, corrections: call.correctionCount, userID: call.userID, hold: nil,
            windows: try Self.windows(of: call, configuration, transaction), takenBackAt: now, source: source)
    }

    /// The windows that count a call: those that its entry charges, and those of budgets created later, which have it in what
    /// was spent before.
    private static func windows(
        of call: RecordedCall, _ configuration: Configuration, _ transaction: borrowing Transaction
    ) throws -> [Window] {
        let charged = call.windows.map {
            Window(
                .window($0.id), $0.unit, configuration.scopes.budget($0.budgetNumber)?.leaves(spentAt: call.occurredAt))
        }
        let later = configuration.windows(
            beganWith: call.who, call.model, at: call.occurredAt, recordedAt: call.recordedAt
        ).filter { _, budget in !call.windows.contains { $0.budgetNumber == budget.number } }
        // A window that is not there has not counted the call.
        let ids = try WindowRows.find(Set(later.map(\.key)), transaction)
        return charged
            + later.compactMap { key, budget in
                ids[key].map { Window(.window($0), budget.unit, budget.leaves(spentAt: call.occurredAt)) }
            }
    }
}

extension LedgerEntry {
    /// A call as it stands in the ledger, with all its corrections. Nil if only a later version knows its tier.
    fileprivate init?(standing call: RecordedCall) {
        guard let tier = call.tier else { return nil }
        self.init(
            occurredAt: call.occurredAt, recordedAt: call.occurredAt, source: "", requestID: call.requestID,
            who: call.who,
            requestedModel: call.requestedModel, model: call.model, tier: tier,
            usage: Usage(format: .purser, quantities: call.quantities, raw: nil, residualTokens: 0),
            rated: RatedCall(stating: call.cost, listCost: call.listCost, of: call.quantities))
        kind = call.kind
        region = call.region
        status = call.status
        requestedCost = call.requestedCost
    }
}
