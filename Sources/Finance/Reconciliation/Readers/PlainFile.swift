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
            line.amount = try row.decimal("amount_usd")
            if let kind = row.text("kind") {
                line.kind = ProviderLine.Kind(rawValue: kind) ?? .usage
                if ProviderLine.Kind(rawValue: kind) == nil {
                    line.part = UsagePart(rawValue: kind) ?? .other
                    line.quantity = try row.decimal("quantity")
                }
            }
            file.add(line)
        }
        return file
    }
}
