import Accounting
import JSON

/// Anthropic's cost report, whose amounts are decimal texts in cents, its usage report of messages, and the newer analytics
/// of cost. Days are UTC.
enum AnthropicFile {
    static func read(_ bytes: [UInt8]) throws -> ProviderFile {
        var file = ProviderFile()
        var (place, priority) = (0, 0)
        for page in try JSONPages.read(bytes) {
            guard let buckets = page["data"], buckets.kind == .array else {
                throw ProviderFileFailure("the JSON is no page of Anthropic's cost or usage report: it has no data")
            }
            for bucket in buckets.elements {
                place += 1
                let day = try ProviderRow(place: place, bucket).day("starting_at")
                file.days.insert(day)
                // Analytics have no list of results: each row is one.
                let results = bucket["results"].map { Array($0.elements) } ?? [bucket]
                for result in results {
                    place += 1
                    let row = ProviderRow(place: place, result)
                    if try !cost(row, day, into: &file) { try usage(row, day, into: &file, priority: &priority) }
                }
            }
        }
        if priority > 0 {
            file.warnings.append(
                "The cost report never has what the priority tier costs; \(priority) rows of usage are of it.")
        }
        return file
    }

    private static func cost(_ row: ProviderRow, _ day: CalendarDay, into file: inout ProviderFile) throws -> Bool {
        let name = row.has("cost.amount") ? "cost.amount" : "amount"
        guard row.has(name) else { return false }
        try row.requireDollars(row.text("cost.currency", "currency"))
        var line = ProviderLine(place: row.place, day: day)
        line.amount = try row.decimal(name, shift: -2)
        line.model = row.text("model", "group.model")
        line.label = row.text("description", "token_type", "group.token_type", "cost_type", "group.cost_type")
        line.part = row.text("token_type", "group.token_type").map(UsagePart.init(words:))
        line.serviceTier = row.text("service_tier", "group.service_tier")
        line.account = row.text("api_key_id", "group.api_key_id", "workspace_id", "group.workspace_id")
        file.add(line)
        return true
    }

    /// `uncached_input_tokens` excludes what is read from the cache and written to it.
    private static func usage(
        _ row: ProviderRow, _ day: CalendarDay, into file: inout ProviderFile, priority: inout Int
    ) throws {
        guard row.has("uncached_input_tokens") else {
            throw ProviderFileFailure("it is neither a cost nor a usage of messages", at: row.place)
        }
        if row.text("service_tier")?.hasPrefix("priority") == true { priority += 1 }
        let written =
            (try row.decimal("cache_creation.ephemeral_5m_input_tokens") ?? .zero)
            + (try row.decimal("cache_creation.ephemeral_1h_input_tokens") ?? .zero)
        let parts: [(UsagePart, ExactDecimal)] = [
            (.input, try row.decimal("uncached_input_tokens") ?? .zero),
            (.cacheRead, try row.decimal("cache_read_input_tokens") ?? .zero), (.cacheWrite, written),
            (.output, try row.decimal("output_tokens") ?? .zero),
        ]
        for (part, quantity) in parts where quantity != .zero {
            var line = ProviderLine(place: row.place, day: day)
            (line.part, line.quantity) = (part, quantity)
            line.model = row.text("model")
            line.account = row.text("api_key_id", "workspace_id")
            line.serviceTier = row.text("service_tier")
            file.add(line)
        }
    }
}
