import Accounting
import Hummingbird
import JSON
import Ledger
import NIOCore

/// `POST /v1/settle`, `/v1/settle/batch` and `/v1/void`: the end of a hold.
struct SettleRoutes: Sendable {
    let office: Office

    static let maximumSettlements = 10_000

    func add(to routes: OfficeRoutes) {
        routes.on(.post, "v1/settle", office) { try await settle($0) }
        routes.on(.post, "v1/settle/batch", office) { try await settleBatch($0) }
        routes.on(.post, "v1/void", office) { try await void($0) }
    }

    private func settle(_ inquiry: Inquiry) async throws -> Response {
        let json = try await inquiry.request.json()
        let (receipt, isDuplicate) = try await settle(json, "", inquiry.principal, office.replica.now().wall)
        var writer = JSONWriter()
        receipt.write(to: &writer, isDuplicate: isDuplicate)
        return Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: writer.bytes)))
    }

    /// Returns once the settlement is committed.
    private func settle(
        _ json: JSONValue, _ pointer: String, _ principal: Principal, _ now: Timestamp
    ) async throws -> (receipt: Receipt, isDuplicate: Bool) {
        let settlement = try Settlement(json, pointer: pointer, office: office, principal: principal, at: now)
        let result = await office.replica.record(
            settlement.entry, isOccurredAtGiven: settlement.isOccurredAtGiven)
        return try result.get().receipt()
    }

    /// Each settlement is answered as it would be alone; the good ones stand.
    private func settleBatch(_ inquiry: Inquiry) async throws -> Response {
        let json = try await inquiry.request.json(limit: Request.maximumBatchBytes)
        var fields = JSONFields(json)
        let items = fields.required("settlements", "a list of at most \(Self.maximumSettlements) settlements") {
            value in
            value.kind == .array ? Array(value.elements.prefix(Self.maximumSettlements + 1)) : nil
        }
        if let items, items.count > Self.maximumSettlements {
            fields.refuse("settlements", "must be a list of at most \(Self.maximumSettlements) settlements")
        }
        try fields.finish()
        let now = office.replica.now().wall
        let principal = inquiry.principal
        let results = await Self.inOrder(items ?? [], key: { $0["hold_id"]?.string }) {
            item -> Result<(receipt: Receipt, isDuplicate: Bool), Problem> in
            do {
                return .success(try await settle(item, "", principal, now))
            } catch {
                return .failure(Problem(error, log: office.log))
            }
        }
        return .json(capacity: results.count * 160) {
            $0.name("results")
            $0.array(results) { writer, result in
                switch result {
                case .success(let (receipt, isDuplicate)): receipt.write(to: &writer, isDuplicate: isDuplicate)
                case .failure(let problem): problem.write(to: &writer)
                }
            }
        }
    }

    /// Runs all at once, but those of one key after one another, so that the first of them is the one that counts;
    /// returns the results in the order of the items.
    static func inOrder<Item: Sendable, Output: Sendable>(
        _ items: [Item], key: (Item) -> String?, _ run: @escaping @Sendable (Item) async -> Output
    ) async -> [Output] {
        let lines = Dictionary(grouping: items.indices) { key(items[$0]) ?? "" }.values
        return await withTaskGroup(of: [(Int, Output)].self) { group in
            for line in lines {
                group.addTask {
                    var outputs: [(Int, Output)] = []
                    for index in line { outputs.append((index, await run(items[index]))) }
                    return outputs
                }
            }
            var outputs = [Output?](repeating: nil, count: items.count)
            for await line in group { for (index, output) in line { outputs[index] = output } }
            return outputs.compactMap(\.self)
        }
    }

    private func void(_ inquiry: Inquiry) async throws -> Response {
        let json = try await inquiry.request.json()
        var fields = JSONFields(json)
        let text = fields.required("hold_id", "the hold_id of an answer to authorize", \.string)
        try fields.finish()
        guard let text, let hold = office.replica.seal.open(text) else {
            throw Problem(.unknownHold, "The hold_id is not one that this office made.")
        }
        try inquiry.principal.require(.spend(team: hold.who.team))
        if case .alreadyEnded(.settled) = try await office.replica.void(hold).get() {
            throw Problem(.holdSettled, "The hold was settled; what it cost is in the ledger.")
        }
        return .json { $0.field("released_usd", (hold.estimate ?? .zero).usd) }
    }
}
