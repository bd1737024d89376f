import Accounting
import Hummingbird
import JSON
import Ledger

extension UsageRoutes {
    /// Takes back events that were recorded by mistake.
    func reverse(_ context: AuthenticatedContext) async throws -> Response {
        try context.principal.require(.reverseUsage)
        let bytes = try await context.request.bytes(limit: Request.maximumBatchBytes)
        var fields = JSONFields(try JSONDocument(bytes).root)
        let names = server.configuration.names
        let team = fields.team(names)
        let selection = Self.selection(&fields, ofTeam: team)
        let reason = fields.required("reason", Field.noteExpectation, Field.note)
        try fields.finish()
        if let team, !server.configuration.teams.contains(team) { throw Problem.unknownTeam(team) }
        let run = ReversalRun(selection!, by: context.principal.name, reason: reason!, on: server.replica)
        let summary: ReversalSummary
        do {
            summary = try await run.run()
        } catch let ambiguous as AmbiguousEvent {
            let teams = ambiguous.teams.map(names.name(of:)).sorted().joined(separator: " and ")
            throw Problem(fields: [
                FieldError(
                    pointer: "/team",
                    detail: "must be named: the id \(ambiguous.id) is that of an event of \(teams)")
            ])
        } catch is UnknownBatch {
            throw Problem(.notFound, "No event says that this import has brought it.")
        } catch let failure as LedgerFailure {
            throw Problem(
                Problem(failure).code,
                "Not all events could be taken back. Ask again: those that were are not taken back twice.")
        } catch let overflow as SumOverflow {
            throw Problem(overflow)
        }
        return .json(capacity: 256 + summary.reversed.count * 160) {
            $0.field("reversed", Int64(summary.reversed.count))
            $0.field("already_reversed", summary.alreadyReversed)
            $0.field("remaining", summary.remaining)
            $0.field("difference_usd", FixedPoint.text(summary.difference, places: Money.places))
            $0.name("unknown_ids")
            $0.array(summary.unknownIDs) { $0.string($1) }
            $0.name("entries")
            $0.array(summary.reversed) { writer, reversed in
                writer.object {
                    $0.field("id", reversed.id)
                    $0.field("entry_id", String(reversed.entryID))
                    $0.field("reverses_entry_id", String(reversed.reversedEntryID))
                    $0.field("cost_usd", reversed.cost)
                }
            }
        }
    }

    /// Which events: those of one import, or those with some ids of a source.
    private static func selection(_ fields: inout JSONFields, ofTeam team: String?) -> ReversalRun.Selection? {
        if let batch = fields.optional("batch", Field.nameExpectation, Field.name) {
            if fields.value("source") != nil { fields.refuse("source", besideBatch) }
            if fields.value("ids") != nil { fields.refuse("ids", besideBatch) }
            return .batch(batch, team: team)
        }
        let source = fields.required("source", Field.nameExpectation, Field.name)
        let ids = fields.required("ids", "1 to \(maximumEvents) ids of events") { value -> [String]? in
            guard value.kind == .array else { return nil }
            let elements = Array(value.elements.prefix(maximumEvents + 1))
            let ids = elements.compactMap(Field.id)
            return ids.count == elements.count && (1...maximumEvents).contains(ids.count) ? ids : nil
        }
        guard let source, let ids else { return nil }
        return .ids(ids, source: source, team: team)
    }

    private static let besideBatch = "goes without batch, which says alone what is taken back"
}
