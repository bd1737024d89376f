import Accounting
import Postgres

/// Takes usage events back: for each an entry of kind `reversal` that names the event's entry and has all that it and its
/// corrections come to, with the other sign. An event that is taken back twice is taken back once.
package struct ReversalRun: Sendable {
    /// Which events.
    package enum Selection: Sendable {
        /// Of one team, or (nil) of whatever team: then no id may be that of several.
        case ids([String], source: String, team: String?)
        /// What an import has brought that still stands: at most `eventsARun`.
        case batch(String, team: String?)
    }

    private let selection: Selection
    private let author: String
    private let reason: String
    private let replica: Replica

    private static let eventsAtOnce = 500
    package static let eventsARun = 10_000

    package init(_ selection: Selection, by author: String, reason: String, on replica: Replica) {
        (self.selection, self.author, self.reason, self.replica) = (selection, author, reason, replica)
    }

    /// Throws a `LedgerFailure` if not all could be taken back. What was stays taken back, and counts as such in a later run.
    /// Throws `AmbiguousEvent` where an id is that of several teams and none was named, `UnknownBatch` where no event is of
    /// the import.
    package func run() async throws -> ReversalSummary {
        var summary = ReversalSummary()
        switch selection {
        case .ids(let ids, let source, let team):
            let ids = Array(Set(ids)).sorted()
            for start in stride(from: 0, to: ids.count, by: Self.eventsAtOnce) {
                let portion = Array(ids[start...].prefix(Self.eventsAtOnce))
                try await takeBack(try await events(portion, source, team, &summary), &summary)
            }
        case .batch(let batch, let team):
            let events = try await events(ofBatch: batch, team, &summary)
            for start in stride(from: 0, to: events.count, by: Self.eventsAtOnce) {
                try await takeBack(Array(events[start...].prefix(Self.eventsAtOnce)), &summary)
            }
        }
        return summary
    }

    private func events(
        _ ids: [String], _ source: String, _ team: String?, _ summary: inout ReversalSummary
    ) async throws -> [ReversibleEvent] {
        let found = try await replica.database.read { try ReversibleEvent.find(ids, from: source, of: team, $0) }
        for (id, events) in Dictionary(grouping: found, by: \.id).sorted(by: { $0.key < $1.key }) {
            let teams = Set(events.map(\.team)).sorted()
            if teams.count > 1 { throw AmbiguousEvent(id: id, teams: teams) }
        }
        let known = Set(found.map(\.id))
        summary.unknownIDs += ids.filter { !known.contains($0) }
        return found
    }

    private func events(
        ofBatch batch: String, _ team: String?, _ summary: inout ReversalSummary
    ) async throws -> [ReversibleEvent] {
        let (count, events) = try await replica.database.read { connection in
            (
                try ReversibleEvent.count(ofBatch: batch, of: team, connection),
                try ReversibleEvent.standing(ofBatch: batch, of: team, limit: Int64(Self.eventsARun), connection)
            )
        }
        guard count.all > 0 else { throw UnknownBatch() }
        summary.alreadyReversed = count.takenBack
        summary.remaining = max(0, count.all - count.takenBack - Int64(events.count))
        return events
    }

    private func takeBack(_ events: [ReversibleEvent], _ summary: inout ReversalSummary) async throws {
        var waiting = events
        // A correction that was booked between reading and booking has the number of the reversal: it is read again.
        while !waiting.isEmpty {
            try Task.checkCancellation()
            let standing = waiting.filter { !$0.isTakenBack }
            summary.alreadyReversed += Int64(waiting.count - standing.count)
            let prepared = try await prepare(standing)
            // The others were taken back since they were read.
            summary.alreadyReversed += Int64(standing.count - prepared.count)
            waiting = []
            for (reversal, result) in await book(prepared) {
                switch try result.get() {
                case .recorded(let receipt): summary.add(reversal, receipt)
                case .duplicate: summary.alreadyReversed += 1
                case .overflow(let overflow): throw overflow
                default: waiting.append(reversal.event)
                }
            }
            guard !waiting.isEmpty else { return }
            waiting = try await replica.database.read { [waiting] in try ReversibleEvent.again(waiting, $0) }
        }
    }

    /// The reversals, after it was written down why they are made.
    private func prepare(_ events: [ReversibleEvent]) async throws -> [PreparedReversal] {
        if events.isEmpty { return [] }
        let (configuration, now) = (replica.configuration, replica.now().wall)
        return try await replica.database.run { [author, reason] connection in
            try connection.transaction { transaction in
                try transaction.execute(
                    """
                    INSERT INTO usage_reversal (entry_id, reversed_by, reason)
                    SELECT entry_id, \(author), \(reason) FROM unnest(\(events.map(\.entryID))) AS entry_id ORDER BY 1
                    ON CONFLICT DO NOTHING
                    """)
                return try PreparedReversal.all(of: events, in: configuration, at: now, transaction)
            }
        }
    }

    private func book(
        _ reversals: [PreparedReversal]
    ) async -> [(PreparedReversal, Result<LedgerOutcome, LedgerFailure>)] {
        await withTaskGroup { group in
            for reversal in reversals { group.addTask { (reversal, await replica.reverse(reversal.entry)) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }
}

/// Several teams have reported an event with this id from the same source.
package struct AmbiguousEvent: Error {
    package let id: String
    /// As they were made.
    package let teams: [String]
}

/// No event says that this import has brought it.
package struct UnknownBatch: Error {}

/// What has become of events that were to be taken back.
package struct ReversalSummary: Sendable {
    package struct Reversed: Sendable {
        package let id: String
        package let entryID: Int64
        /// The entry that it takes back.
        package let reversedEntryID: Int64
        /// Nil where that has no price.
        package let cost: Money?
    }

    package private(set) var reversed: [Reversed] = []
    package internal(set) var alreadyReversed: Int64 = 0
    package internal(set) var unknownIDs: [String] = []
    /// How many events of an import still stand, because they were more than one run takes back.
    package internal(set) var remaining: Int64 = 0

    /// In nanodollars.
    package var difference: Int128 { reversed.reduce(0) { $0 + Int128($1.cost?.nanodollars ?? 0) } }

    mutating func add(_ reversal: PreparedReversal, _ receipt: Receipt) {
        reversed.append(
            Reversed(
                id: reversal.event.id, entryID: receipt.entryID, reversedEntryID: reversal.event.entryID,
                cost: receipt.cost))
    }
}
