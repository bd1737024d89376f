import Accounting
import Wording

/// Azure's cost details. Names of meters have no grammar that holds, so meters are known by their ids where these are told;
/// otherwise the name's own words are tried.
enum AzureFile {
    static func read(_ bytes: [UInt8], meters: [String: ProviderMeter]) throws -> ProviderFile {
        var (file, others) = (ProviderFile(), 0)
        for row in try ProviderRows(bytes).rows {
            guard row.has("Date"), row.has("MeterId") else {
                throw ProviderFileFailure("it is no export of Azure's cost details: it lacks Date or MeterId")
            }
            let kind = kind(row)
            guard isOfModels(row) else {
                others += 1
                continue
            }
            try row.requireDollars(row.text("BillingCurrencyCode", "BillingCurrency", "Currency"))
            var line = ProviderLine(place: row.place, day: try row.day("Date"))
            line.billingMonth = try row.text("BillingPeriodStartDate").map { _ in
                try row.day("BillingPeriodStartDate").month
            }
            line.kind = kind
            line.amount = try row.decimal("CostInBillingCurrency", "PreTaxCost", "Cost")
            if line.amount == nil { throw ProviderFileFailure("there is no CostInBillingCurrency", at: row.place) }
            line.account = row.text("ResourceName", "ResourceId", "InstanceName")
            let name = row.text("MeterName") ?? ""
            line.label = name.isEmpty ? row.text("ProductName") : name
            if kind == .usage {
                let known = row.text("MeterId").flatMap { meters[$0.lowercased()] }
                line.model = known?.model ?? model(name)
                line.part = known?.part ?? UsagePart(words: words(name).joined(separator: " "))
                line.quantity = try row.decimal("Quantity", shift: shift(row.text("UnitOfMeasure") ?? "", name))
            }
            file.add(line)
        }
        if others > 0 { file.warnings.append("\(Phrase.count(others, "line")) of other services were left out.") }
        return file
    }

    private static func isOfModels(_ row: ProviderRow) -> Bool {
        let service = row.text("ConsumedService")?.lowercased()
        if service == "microsoft.cognitiveservices" || service == "microsoft.machinelearningservices" { return true }
        let names = [row.text("MeterCategory"), row.text("MeterSubCategory"), row.text("ProductName")]
        return names.contains { name in
            ["Foundry Models", "OpenAI", "Cognitive Services"].contains { name?.contains($0) == true }
        }
    }

    private static func kind(_ row: ProviderRow) -> ProviderLine.Kind {
        switch row.text("ChargeType")?.lowercased() {
        case "tax": .tax
        case "refund", "credit": .credit
        case "roundingadjustment": .rounding
        default: .usage
        }
    }

    private static func shift(_ unit: String, _ name: String) -> Int {
        let unit = unit.uppercased()
        if unit.hasPrefix("1M") || name.contains("1M Tokens") { return 6 }
        return unit.hasPrefix("1K") ? 3 : 0
    }

    /// What the words of a meter say beside its model.
    private static let otherWords: Set<String> = [
        "inp", "inpt", "input", "in", "outp", "outpt", "output", "opt", "out", "cached", "cchd", "cache", "cd", "glbl",
        "gl", "global", "dzone", "dz", "regnl", "rgnl", "reg", "tokens", "token", "1m", "1k", "batch", "bch", "pp",
        "shortco", "longco", "prty",
    ]

    private static func words(_ name: String) -> [Substring] { name.lowercased().split(separator: " ") }

    /// `gpt 4o 1120 cached Inp glbl Tokens` is `gpt 4o 1120`.
    private static func model(_ name: String) -> String? {
        let own = words(name).filter { !otherWords.contains(String($0)) }
        return own.isEmpty ? nil : own.joined(separator: "-")
    }
}
