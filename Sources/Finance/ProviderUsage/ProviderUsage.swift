import Accounting
import JSON

/// Calls in the logs of routers, a row a call, as events of `POST /v1/usage`. Sums of days are no calls: rated as one call
/// each, they would pass the context thresholds that no call of theirs did.
package enum ProviderUsage: String, CaseIterable, Sendable {
    case litellm, openrouter

    /// A row as an event, or why it is none.
    package enum Event: Equatable, Sendable {
        case ready(line: Int, json: [UInt8])
        case refused(line: Int, detail: String)
    }

    /// Tells the form from the beginning of a file; nil where it is not certain.
    package init?(beginning bytes: some Collection<UInt8>) {
        let text = String(decoding: bytes.prefix(4_096), as: UTF8.self)
        func has(_ names: String...) -> Bool { names.allSatisfy { text.contains($0) } }
        if has("generation_id", "cost_total", "tokens_prompt") {
            self = .openrouter
        } else if has("request_id", "spend", "startTime", "prompt_tokens") {
            self = .litellm
        } else {
            return nil
        }
    }

    /// - Parameter team: whose calls they are, where the rows do not say it.
    package func events(_ bytes: [UInt8], team: String?) throws -> [Event] {
        try ProviderRows(bytes).rows.map { row in
            do {
                return .ready(line: row.place, json: try json(row, team))
            } catch let failure as ProviderFileFailure {
                return .refused(line: row.place, detail: failure.detail)
            }
        }
    }

    private func json(_ row: ProviderRow, _ team: String?) throws -> [UInt8] {
        let (id, time, cost): (String?, String?, ExactDecimal?)
        var fields: [(StaticString, String?)]
        let usage: [(StaticString, ExactDecimal?)]
        switch self {
        case .litellm:
            (id, time, cost) = (row.text("request_id"), row.text("startTime"), try row.decimal("spend"))
            fields = [
                ("team", team ?? row.text("team_id")), ("model", row.text("model")),
                ("provider", row.text("custom_llm_provider")), ("user", row.text("end_user", "user")),
                ("status", row.text("status") == "failure" ? "error" : nil),
            ]
            let details = Self.metadata(row)
            usage = [
                ("input_tokens", try row.decimal("prompt_tokens")),
                ("output_tokens", try row.decimal("completion_tokens")),
                ("cache_read_tokens", try details.decimal("usage_object.prompt_tokens_details.cached_tokens")),
                (
                    "cache_write_tokens",
                    try details.decimal("usage_object.prompt_tokens_details.cache_creation_tokens")
                ),
            ]
        case .openrouter:
            (id, time, cost) = (row.text("generation_id"), row.text("created_at"), try row.decimal("cost_total"))
            fields = [
                ("team", team), ("model", row.text("model_permaslug")), ("provider", "openrouter"),
                ("user", row.text("user")),
            ]
            usage = [
                ("input_tokens", try row.decimal("tokens_prompt")),
                ("output_tokens", try row.decimal("tokens_completion")),
                ("cache_read_tokens", try row.decimal("tokens_cached")),
                ("reasoning_tokens", try row.decimal("tokens_reasoning")),
            ]
        }
        guard let id else { throw ProviderFileFailure("it has no id of the call") }
        guard let moment = time.flatMap({ Timestamp(providerTime: $0) }) else {
            throw ProviderFileFailure("it has no time that can be read")
        }
        guard fields[0].1 != nil else { throw ProviderFileFailure("it names no team; give --team") }
        fields += [("id", id), ("source", rawValue), ("occurred_at", moment.description)]
        if let cost, cost >= .zero, let nanodollars = cost.nanodollars {
            fields.append(("provider_cost_usd", Money(nanodollars: nanodollars).usd))
        }
        return try Self.object(fields, usage)
    }

    private static func object(
        _ fields: [(StaticString, String?)], _ usage: [(StaticString, ExactDecimal?)]
    ) throws -> [UInt8] {
        let counts = try usage.compactMap { name, quantity -> (StaticString, Int64)? in
            guard let quantity else { return nil }
            guard let whole = quantity.whole else { throw ProviderFileFailure("\(name) is no whole number") }
            // Other meters than the wholes are told only where something was used.
            return whole == 0 && name.description != "input_tokens" && name.description != "output_tokens"
                ? nil : (name, whole)
        }
        var writer = JSONWriter()
        writer.object { writer in
            for (name, value) in fields {
                if let value { writer.field(name, value) }
            }
            writer.name("usage")
            writer.object { writer in
                for (name, count) in counts { writer.field(name, count) }
            }
        }
        return writer.bytes
    }

    /// LiteLLM's logs keep the provider's details of usage in a column of JSON.
    private static func metadata(_ row: ProviderRow) -> ProviderRow {
        guard let text = row.text("metadata"), let json = try? JSONDocument(text: text).root else {
            return row.within("metadata")
        }
        return ProviderRow(place: row.place, json)
    }
}
