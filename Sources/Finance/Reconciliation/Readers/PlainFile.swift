import Accounting

/// A form of our own, for providers without one: CSV with the columns day, model, kind, quantity, amount_usd.
enum PlainFile {
    private static let columns: Set<String> = ["day", "model", "kind", "quantity", "amountusd"]

    static func read(_ bytes: [UInt8]) throws -> ProviderFile {
        var file = ProviderFile()
        for row in try ProviderRows(bytes).rows {
            guard row.columnNames.isSubset(of: columns), row.has("day"), row.has("amount_usd") else {
                throw ProviderFileFailure("its columns must be day, model, kind, quantity and amount_usd")
            }
            var line = ProviderLine(place: row.place, day: try row.day("day"))
            line.model = row.text("model")
            line.label = row.text("kind")
            guard let amount = try row.decimal("amount_usd") else {
                throw ProviderFileFailure("there is no amount_usd", at: row.place)
            }
            line.amount = amount
            if let kind = row.text("kind") {
                line.kind = ProviderLine.Kind(rawValue: kind) ?? .usage
                if ProviderLine.Kind(rawValue: kind) == nil {
                    guard let part = UsagePart(rawValue: kind) ?? (Meter(kind).isNamed ? .other : nil) else {
                        throw ProviderFileFailure(
                            "the kind must be a meter, such as input_tokens, or credit, tax or rounding", at: row.place)
                    }
                    line.part = part
                    line.quantity = try row.decimal("quantity")
                }
            }
            file.add(line)
        }
        return file
    }
}
