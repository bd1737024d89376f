import Accounting

/// LiteLLM's spend logs, a row a call, or its daily sums. Their spend is a binary number, which is read as it is written.
enum LiteLLMFile {
    static func read(_ bytes: [UInt8]) throws -> ProviderFile {
        var file = ProviderFile()
        for row in try ProviderRows(bytes).rows {
            guard let amount = try row.decimal("spend") else {
                throw ProviderFileFailure("it is no row of LiteLLM's spend: it has no spend", at: row.place)
            }
            var line = ProviderLine(place: row.place, day: try row.day("startTime", "date"))
            line.model = row.text("model", "model_group")
            line.provider = row.text("custom_llm_provider")
            line.account = row.text("api_key")
            line.amount = amount
            file.add(line)
            line.amount = nil
            let parts: [(UsagePart, ExactDecimal?)] = [
                (.prompt, try row.decimal("prompt_tokens")), (.output, try row.decimal("completion_tokens")),
                (.cacheRead, try row.decimal("cache_read_input_tokens")),
            ]
            for (part, quantity) in parts {
                guard let quantity else { continue }
                (line.part, line.quantity) = (part, quantity)
                file.add(line)
            }
        }
        return file
    }
}
