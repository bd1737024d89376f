import Accounting

/// OpenRouter's activity: a row a day of JSON, or a row a generation of CSV. Days are UTC, and only whole ones are there.
enum OpenRouterFile {
    static func read(_ bytes: [UInt8]) throws -> ProviderFile {
        var (file, elsewhere) = (ProviderFile(), ExactDecimal.zero)
        for row in try ProviderRows(bytes).rows {
            let amount = try row.decimal("cost_total", "usage")
            guard let amount, row.has("date") || row.has("created_at") else {
                throw ProviderFileFailure(
                    "it is no row of OpenRouter's activity: it lacks usage or cost_total", at: row.place)
            }
            elsewhere += try row.decimal("byok_usage_inference") ?? .zero
            var line = ProviderLine(place: row.place, day: try row.day("date", "created_at"))
            line.model = row.text("model", "model_permaslug")
            line.account = row.text("api_key_name")
            line.amount = amount
            file.add(line)
            line.amount = nil
            let parts: [(UsagePart, ExactDecimal?)] = [
                (.prompt, try row.decimal("tokens_prompt", "prompt_tokens")),
                (.output, try row.decimal("tokens_completion", "completion_tokens")),
                (.cacheRead, try row.decimal("tokens_cached")),
            ]
            for (part, quantity) in parts {
                guard let quantity else { continue }
                (line.part, line.quantity) = (part, quantity)
                file.add(line)
            }
        }
        if elsewhere != .zero {
            file.warnings.append(
                "Calls with keys of your own cost \(elsewhere.text) USD elsewhere, which OpenRouter does not bill.")
        }
        return file
    }
}
