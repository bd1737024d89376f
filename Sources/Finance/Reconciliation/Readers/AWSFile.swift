import Accounting
import JSON
import Wording

/// AWS's Cost and Usage Report 2.0, of which the lines of Bedrock count. Its month is written anew until the invoice is
/// final, and lags by a day or two.
enum AWSFile {
    static func read(_ bytes: [UInt8]) throws -> ProviderFile {
        var (file, others) = (ProviderFile(), 0)
        for row in try ProviderRows(bytes).rows {
            guard row.has("line_item_usage_start_date"), row.has("line_item_unblended_cost") else {
                throw ProviderFileFailure(
                    "it is no Cost and Usage Report 2.0: it lacks line_item_usage_start_date or line_item_unblended_cost"
                )
            }
            let type = row.text("line_item_usage_type") ?? ""
            let product = productName(row)
            let code = row.text("line_item_product_code") ?? ""
            guard code.contains("Bedrock") || product?.contains("Bedrock") == true else {
                others += 1
                continue
            }
            try row.requireDollars(row.text("line_item_currency_code"))
            var line = ProviderLine(place: row.place, day: try row.day("line_item_usage_start_date"))
            line.billingMonth = try row.text("bill_billing_period_start_date").map { _ in
                try row.day("bill_billing_period_start_date").month
            }
            line.amount = try row.decimal("line_item_unblended_cost")
            line.kind = kind(row.text("line_item_line_item_type") ?? "Usage")
            line.account = row.text("line_item_iam_principal", "line_item_usage_account_id")
            line.label = [product, type].compactMap(\.self).joined(separator: ", ")
            if line.kind == .usage, !type.isEmpty {
                line.part = UsagePart(words: type)
                line.model = model(type, product)
                line.quantity = try row.decimal("line_item_usage_amount", shift: shift(row, type))
                line.serviceTier = type.lowercased().contains("batch") ? "batch" : nil
            }
            file.add(line)
        }
        if others > 0 { file.warnings.append("\(Phrase.count(others, "line")) of other products were left out.") }
        return file
    }

    /// The map column holds it as JSON, other exports have a column of its own.
    private static func productName(_ row: ProviderRow) -> String? {
        if let name = row.text("product_servicename", "product_product_name", "product.servicename") { return name }
        guard let map = row.text("product"), let json = try? JSONDocument(text: map).root else { return nil }
        return ProviderRow(place: row.place, json).text("servicename", "product_name")
    }

    private static func kind(_ type: String) -> ProviderLine.Kind {
        switch type {
        case "Tax": .tax
        case "Credit", "Refund", "SavingsPlanNegation": .credit
        default: type.hasSuffix("Discount") ? .credit : .usage
        }
    }

    /// The `MP:` shapes leave the model out and count millions; others count thousands.
    private static func shift(_ row: ProviderRow, _ type: String) -> Int {
        let unit = row.text("pricing_unit")?.lowercased() ?? ""
        if unit.hasPrefix("1m") { return 6 }
        if unit.hasPrefix("1k") { return 3 }
        if unit.hasPrefix("token") { return 0 }
        return type.contains("MP:") ? 6 : 3
    }

    /// `USE1-NovaPro-input-tokens-batch` is NovaPro's; of `USE1-MP:…` only the product says it.
    private static func model(_ type: String, _ product: String?) -> String? {
        if !type.contains("MP:") {
            let words = type.split(separator: "-").dropFirst()
            let own = words.prefix { word in
                !["input", "output", "cache", "mantle"].contains(word.lowercased())
            }
            if !own.isEmpty { return own.joined(separator: "-") }
        }
        guard let product, !product.hasPrefix("Amazon Bedrock") else { return nil }
        let end = product.firstRange(of: " (")?.lowerBound ?? product.endIndex
        return String(product[..<end])
    }
}
