import Accounting
import JSON

/// OpenAI's costs (`GET /v1/organization/costs` and the dashboard's CSV) and its usage of completions. Days are UTC.
enum OpenAIFile {
    static func read(_ bytes: [UInt8]) throws -> ProviderFile {
        let first = bytes.first { !" \n\r\t".utf8.contains($0) }
        return first == UInt8(ascii: "{") || first == UInt8(ascii: "[") ? try pages(bytes) : try dashboard(bytes)
    }

    private static func pages(_ bytes: [UInt8]) throws -> ProviderFile {
        var file = ProviderFile()
        var place = 0
        for page in try JSONPages.read(bytes) {
            guard let buckets = page["data"], buckets.kind == .array else {
                throw ProviderFileFailure("the JSON is no page of OpenAI's costs or usage: it has no data")
            }
            for bucket in buckets.elements {
                place += 1
                let row = ProviderRow(place: place, bucket)
                let day = try row.day("start_time")
                file.days.insert(day)
                for result in bucket["results"].map({ Array($0.elements) }) ?? [] {
                    place += 1
                    try read(ProviderRow(place: place, result), day, into: &file)
                }
            }
        }
        return file
    }

    private static func read(_ row: ProviderRow, _ day: CalendarDay, into file: inout ProviderFile) throws {
        if row.has("amount.value") {
            try cost(row, day, amount: "amount.value", currency: row.text("amount.currency"), into: &file)
        } else if row.has("input_tokens") {
            try usage(row, day, into: &file)
        } else {
            throw ProviderFileFailure("it is neither a cost nor a usage of completions", at: row.place)
        }
    }

    /// Rows without an amount stand for days on which nothing was spent.
    private static func dashboard(_ bytes: [UInt8]) throws -> ProviderFile {
        var file = ProviderFile()
        for row in try ProviderRows(bytes).rows {
            guard row.has("start_time") || row.has("start_time_iso") else {
                throw ProviderFileFailure("it is no export of OpenAI's costs: it has no column start_time")
            }
            guard row.has("amount_value") else {
                throw ProviderFileFailure("it is no export of OpenAI's costs: it has no column amount_value")
            }
            let day = try row.day("start_time", "start_time_iso")
            file.days.insert(day)
            guard row.text("amount_value") != nil else { continue }
            try cost(row, day, amount: "amount_value", currency: row.text("amount_currency"), into: &file)
        }
        return file
    }

    private static func cost(
        _ row: ProviderRow, _ day: CalendarDay, amount: String, currency: String?, into file: inout ProviderFile
    ) throws {
        try row.requireDollars(currency)
        var line = ProviderLine(place: row.place, day: day)
        line.amount = try row.decimal(amount)
        line.account = row.text("api_key_id", "project_id", "user_id")
        line.label = row.text("line_item")
        if let item = row.text("line_item") {
            // `gpt-5-nano, input_tokens`: what has no comma is no model's.
            if let comma = item.lastIndex(of: ",") {
                line.model = String(item[..<comma])
                line.part = UsagePart(words: String(item[item.index(after: comma)...]))
            }
        }
        switch row.text("quantity_unit") {
        case "tokens": line.quantity = try row.decimal("quantity")
        case "1000_tokens": line.quantity = try row.decimal("quantity", shift: 3)
        default: break
        }
        file.add(line)
    }

    /// `input_tokens` includes what was read from the cache and written to it.
    private static func usage(_ row: ProviderRow, _ day: CalendarDay, into file: inout ProviderFile) throws {
        let read = try row.decimal("input_cached_tokens") ?? .zero
        let written = try row.decimal("input_cache_write_tokens") ?? .zero
        let whole = try row.decimal("input_tokens") ?? .zero
        let parts: [(UsagePart, ExactDecimal)] = [
            (.input, whole - read - written), (.cacheRead, read), (.cacheWrite, written),
            (.output, try row.decimal("output_tokens") ?? .zero),
        ]
        for (part, quantity) in parts where quantity != .zero {
            var line = ProviderLine(place: row.place, day: day)
            (line.part, line.quantity) = (part, quantity)
            line.model = row.text("model")
            line.account = row.text("api_key_id", "project_id", "user_id")
            line.serviceTier = row.text("batch") == "true" ? "batch" : row.text("service_tier")
            file.add(line)
        }
    }
}
