import Accounting
import JSON
import Wording

/// Google's export of billing to BigQuery, taken out as JSON or CSV. What is paid is the cost and all its credits.
enum GoogleFile {
    static func read(_ bytes: [UInt8]) throws -> ProviderFile {
        var (file, others) = (ProviderFile(), 0)
        for row in try ProviderRows(bytes).rows {
            guard row.has("usage_start_time"), row.has("cost") else {
                throw ProviderFileFailure("it is no export of Google's billing: it lacks usage_start_time or cost")
            }
            guard isOfModels(row) else {
                others += 1
                continue
            }
            try row.requireDollars(row.text("currency"))
            var line = ProviderLine(place: row.place, day: try row.day("usage_start_time"))
            line.billingMonth = row.text("invoice.month").flatMap(month)
            line.amount = try row.decimal("cost")
            line.label = row.text("sku.description")
            line.account = row.text("project.id")
            line.kind = kind(row.text("cost_type"))
            if line.kind == .usage, let sku = line.label {
                line.part = UsagePart(words: sku)
                line.model = model(sku)
                line.serviceTier = sku.contains("Batch") ? "batch" : nil
                if row.text("usage.unit") == "count" { line.quantity = try row.decimal("usage.amount") }
            }
            file.add(line)
            let credits = try credits(row)
            guard credits != .zero else { continue }
            (line.kind, line.amount, line.quantity, line.part) = (.credit, credits, nil, nil)
            file.add(line)
        }
        if others > 0 { file.warnings.append("\(Phrase.count(others, "line")) of other services were left out.") }
        return file
    }

    private static func isOfModels(_ row: ProviderRow) -> Bool {
        let service = row.text("service.description") ?? ""
        return row.text("service.id") == "C7E2-9256-1C43"
            || ["Vertex AI", "Gemini", "Generative Language", "Invoice"].contains { service.contains($0) }
    }

    private static func kind(_ type: String?) -> ProviderLine.Kind {
        switch type {
        case "tax": .tax
        case "adjustment": .credit
        case "rounding_error": .rounding
        default: .usage
        }
    }

    /// `202610`
    private static func month(_ text: String) -> CalendarMonth? {
        text.utf8.count == 6 ? CalendarMonth(text: "\(text.prefix(4))-\(text.suffix(2))") : CalendarMonth(text: text)
    }

    private static func credits(_ row: ProviderRow) throws -> ExactDecimal {
        guard let text = row.text("credits") else { return try row.decimal("credits.amount") ?? .zero }
        guard let list = try? JSONDocument(text: text).root, list.kind == .array else {
            throw ProviderFileFailure("credits are no JSON list: \(text.prefix(64))", at: row.place)
        }
        return try list.elements.reduce(.zero) {
            $0 + (try ProviderRow(place: row.place, $1).decimal("amount") ?? .zero)
        }
    }

    private static let ends: Set<String> = [
        "GA", "Text", "Input", "Output", "Image", "Video", "Audio", "Thinking", "Cached", "Batch", "Priority", "-",
    ]

    /// `Gemini 2.5 Flash GA Text Input - Predictions` is `Gemini-2.5-Flash`.
    private static func model(_ sku: String) -> String? {
        let words = sku.split(separator: " ").prefix { !ends.contains(String($0)) }
        return words.isEmpty ? nil : words.joined(separator: "-")
    }
}
