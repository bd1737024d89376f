import Accounting
import Hummingbird
import JSON
import Ledger

/// `POST /v1/settle`, `/v1/settle/batch` and `/v1/void`: the end of a hold.
struct SettleRoutes: Sendable {
    let server: ServerContext

    static let maximumSettlements = 10_000
    /// Each settlement takes some ten microseconds. Larger batches leave the event loop to other connections.
    static let maximumSettlementsOnEventLoop = 8

    func add(to routes: RouteTable) {
        routes.onEventLoop("/v1/settle", server) { try settle($0, $1, $2) }
        routes.onEventLoop(
            "/v1/settle/batch", server, limit: Request.maximumBatchBytes, isLong: Self.isLong,
            { try settleBatch($0, $1, $2) })
        routes.onEventLoop("/v1/void", server) { try void($0, $1, $2) }
    }

    /// Whether a batch is too long for an event loop.
    static func isLong(_ batch: JSONValue) -> Bool {
        guard let settlements = batch["settlements"] else { return false }
        return settlements.elements.dropFirst(maximumSettlementsOnEventLoop).first { _ in true } != nil
    }

    /// Answers once the settlement is committed.
    private func settle(_ json: JSONValue, _ principal: Principal, _ reply: HotReply) throws {
        try server.record {
            let settlement = try Settlement(json, server: server, principal: principal, at: SystemClock.wallTime())
            return (settlement.entry, settlement.isOccurredAtGiven)
        } done: { result, warnings in
            reply {
                let (receipt, isDuplicate) = try result.get().receipt()
                var writer = JSONWriter(capacity: 192)
                receipt.write(to: &writer, isDuplicate: isDuplicate, warnings)
                return writer
            }
        }
    }

    /// Answers each settlement as if it had been sent alone: a bad one does not undo the good ones. If several settle
    /// the same hold, the first one counts.
    private func settleBatch(_ json: JSONValue, _ principal: Principal, _ reply: HotReply) throws {
        typealias Outcome = Result<(receipt: Receipt, isDuplicate: Bool, warnings: [CallWarning]), any Error>
        let items = try Self.settlements(json)
        let now = SystemClock.wallTime()
        OutcomeJoin<Outcome>.begin(items) { item, done in
            do {
                try server.record {
                    let settlement = try Settlement(item, server: server, principal: principal, at: now)
                    return (settlement.entry, settlement.isOccurredAtGiven)
                } done: { result, warnings in
                    done(
                        Result {
                            let (receipt, isDuplicate) = try result.get().receipt()
                            return (receipt, isDuplicate, warnings)
                        })
                }
            } catch {
                done(.failure(error))
            }
        } whole: { outcomes in
            reply {
                var writer = JSONWriter(capacity: outcomes.count * 160)
                writer.object {
                    $0.name("results")
                    $0.array(outcomes) { writer, outcome in
                        switch outcome {
                        case .success(let (receipt, isDuplicate, warnings)):
                            receipt.write(to: &writer, isDuplicate: isDuplicate, warnings)
                        case .failure(let error): Problem(error, log: server.log).write(to: &writer)
                        }
                    }
                }
                return writer
            }
        }
    }

    private static func settlements(_ json: JSONValue) throws(JSONFailure) -> [JSONValue] {
        let expectation = "a list of at most \(maximumSettlements) settlements"
        var fields = JSONFields(json)
        let items = fields.required("settlements", expectation) { value in
            value.kind == .array ? Array(value.elements.prefix(maximumSettlements + 1)) : nil
        }
        if let items, items.count > maximumSettlements { fields.refuse("settlements", "must be \(expectation)") }
        try fields.finish()
        return items ?? []
    }

    private func void(_ json: JSONValue, _ principal: Principal, _ reply: HotReply) throws {
        var fields = JSONFields(json)
        let text = fields.required("hold_id", "the hold_id of an answer to authorize", \.string)
        try fields.finish()
        guard let text, let hold = server.replica.holdTokens.decrypt(text) else {
            throw Problem(.unknownHold, "The hold_id is not one that Purser made.")
        }
        try principal.require(.spend(team: hold.who.callersTeam))
        server.replica.void(hold) { result in
            reply {
                if case .alreadyEnded(.settled) = try result.get() {
                    throw Problem(.holdSettled, "The hold was settled; what it cost is in the ledger.")
                }
                var writer = JSONWriter()
                writer.object { $0.field("released_usd", (hold.estimate ?? .zero)) }
                return writer
            }
        }
    }
}
