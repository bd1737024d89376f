import Accounting
import JSON
import Ledger

extension UsageRoutes {
    /// What would become of events if they were recorded now. Nothing is written.
    func trial(
        of events: [Result<JSONValue, Problem>], _ principal: Principal, _ now: Timestamp
    ) async throws -> [Outcome] {
        let read = events.map { event -> (id: String?, event: Result<UsageEvent, Problem>) in
            var id: String?
            do {
                let json = try event.get()
                id = json["id"].flatMap(Field.id)
                return (id, .success(try UsageEvent(json, pointer: "", server: server, principal: principal, at: now)))
            } catch {
                return (id, .failure(Problem(error, log: server.log)))
            }
        }
        let postings = read.compactMap { try? $0.event.get() }.map {
            Posting($0.entry, isOccurredAtGiven: $0.isOccurredAtGiven)
        }
        var results = try await server.database.read { try RecordingTrial.outcomes(of: postings, $0) }[...]
        return read.map { id, event in
            switch event {
            case .failure(let problem): .rejected(id: id, problem)
            case .success(let event): Self.outcome(results.removeFirst(), event, id)
            }
        }
    }

    private static func outcome(_ result: RecordingTrial.Outcome, _ event: UsageEvent, _ id: String?) -> Outcome {
        switch result {
        case .new: .accepted(event.entry.warnings)
        case .duplicate(let entryID): .duplicate(event.entry.warnings, entryID: entryID)
        case .conflict: .rejected(id: id, Problem(.idempotencyConflict, isTaken))
        }
    }
}
