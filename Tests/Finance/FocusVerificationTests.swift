import Testing

@testable import Finance

/// Rows as Purser writes them, and what somebody may do to them that the official validator lets through.
@Suite("A verification of FOCUS") struct FocusVerificationTests {
    private static let columns = [FOCUSColumn<FOCUSCharge>].of(.v1_2).map(\.name)

    /// A row of usage: 2,500 tokens at 15 USD a million.
    private static let usage: [String: String] = [
        "BilledCost": "0.0375", "BillingAccountId": "org-1", "BillingAccountName": "Acme",
        "BillingAccountType": "Organization", "BillingCurrency": "USD", "BillingPeriodEnd": "2026-11-01T00:00:00Z",
        "BillingPeriodStart": "2026-10-01T00:00:00Z", "ChargeCategory": "Usage", "ChargeDescription": "output tokens",
        "ChargeFrequency": "Usage-Based", "ChargePeriodEnd": "2026-10-04T00:00:00Z",
        "ChargePeriodStart": "2026-10-03T00:00:00Z", "ConsumedQuantity": "2500.0", "ConsumedUnit": "Tokens",
        "ContractedCost": "0.0375", "ContractedUnitPrice": "15.0", "EffectiveCost": "0.0375",
        "InvoiceId": "2026-10/anthropic", "InvoiceIssuerName": "anthropic", "ListCost": "0.0375",
        "ListUnitPrice": "15.0", "PricingCategory": "Standard", "PricingCurrency": "USD",
        "PricingCurrencyContractedUnitPrice": "15.0", "PricingCurrencyEffectiveCost": "0.0375",
        "PricingCurrencyListUnitPrice": "15.0", "PricingQuantity": "0.0025", "PricingUnit": "1000000 Tokens",
        "ProviderName": "anthropic", "PublisherName": "anthropic", "ServiceCategory": "AI and Machine Learning",
        "ServiceName": "anthropic API", "ServiceSubcategory": "Generative AI", "SkuId": "anthropic/opus",
        "SkuMeter": "Output Tokens", "SkuPriceDetails": #"{"x_Meter":"output_tokens"}"#, "SkuPriceId": "opus/output/1",
        "SubAccountId": "t", "SubAccountName": "t", "SubAccountType": "Team", "Tags": #"{"team":"t"}"#,
    ]

    /// A credit of 0.01 USD.
    private static let credit = usage.merging([
        "BilledCost": "-0.01", "ContractedCost": "-0.01", "EffectiveCost": "-0.01", "ListCost": "-0.01",
        "PricingCurrencyEffectiveCost": "-0.01", "ChargeCategory": "Credit", "ConsumedQuantity": "",
        "ConsumedUnit": "", "SkuId": "", "SkuPriceId": "", "SkuPriceDetails": "",
    ]) { $1 }

    private static func verification(_ rows: [[String: String]], total: String? = nil) -> FOCUSVerification {
        var verification = FOCUSVerification(header: columns)
        for (index, row) in rows.enumerated() {
            verification.check(columns.map { row[$0] ?? "" }, line: index + 2)
        }
        if let total { verification.check(total: FOCUSVerification.amount(total)!) }
        return verification
    }

    @Test("finds nothing in rows that hold") func good() {
        let late = Self.usage.merging([
            "ChargeClass": "Correction", "ChargePeriodStart": "2026-09-03T00:00:00Z",
            "ChargePeriodEnd": "2026-09-04T00:00:00Z", "SkuId": "", "PricingQuantity": "", "ListUnitPrice": "",
        ]) { $1 }
        let found = Self.verification([Self.usage, late, Self.credit], total: "0.065")
        #expect(found.findings == [] && found.rows == 3)
    }

    typealias Fault = (cells: [String: String], rule: FOCUSFinding.Rule, column: String)

    static let faults: [Fault] = [
        (["ListCost": "0.0376"], .product, "ListCost"),
        (["ContractedUnitPrice": "14"], .product, "ContractedCost"),
        (["ChargePeriodStart": "2026-10-03T00:00:00.000Z"], .date, "ChargePeriodStart"),
        (["ChargePeriodEnd": "2026-10-04T02:00:00+02:00"], .date, "ChargePeriodEnd"),
        (["BillingPeriodStart": "2026-10-01 00:00:00"], .date, "BillingPeriodStart"),
        (["ChargePeriodStart": "2026-02-31T00:00:00Z"], .date, "ChargePeriodStart"),
        (["Tags": #"{"team":{"name":"t"}}"#], .json, "Tags"),
        (["Tags": #"{"teams":["t"]}"#], .json, "Tags"),
        (["SkuPriceDetails": "output"], .json, "SkuPriceDetails"),
        (["SkuId": ""], .missing, "SkuId"),
        (["PricingQuantity": ""], .missing, "PricingQuantity"),
        (["ConsumedQuantity": ""], .missing, "ConsumedQuantity"),
        (["BilledCost": "$0.0375"], .number, "BilledCost"),
        (["EffectiveCost": "+0.0375"], .number, "EffectiveCost"),
        (["PricingQuantity": "1,000.0"], .number, "PricingQuantity"),
        (["SkuMeter": "N/A"], .null, "SkuMeter"),
        (["SkuId": "anthropic/haiku"], .sku, "SkuPriceId"),
        (["ServiceCategory": "Analytics"], .service, "ServiceCategory"),
        (["ChargeClass": "Correction"], .correction, "ChargeClass"),
        (["InvoiceId": "2026-10/other"], .invoice, "InvoiceId"),
        (["InvoiceId": ""], .invoice, "InvoiceId"),
        (["ChargePeriodEnd": "2026-10-03T00:00:00Z"], .period, "ChargePeriodEnd"),
        (
            ["ChargePeriodStart": "2026-11-03T00:00:00Z", "ChargePeriodEnd": "2026-11-04T00:00:00Z"], .period,
            "ChargePeriodStart"
        ),
        (["ChargeCategory": "Tax"], .unexpected, "SkuId"),
        (["ChargeCategory": "Credit", "ListCost": "-1"], .credit, "ListCost"),
    ]

    @Test("finds one fault in a row, and says in which line and column", arguments: faults.indices)
    func fault(index: Int) {
        let fault = Self.faults[index]
        let found = Self.verification([Self.usage, Self.usage.merging(fault.cells) { $1 }])
        #expect(
            found.findings.contains { $0.rule == fault.rule && $0.line == 3 && $0.column == fault.column },
            "\(fault.cells): \(found.findings)")
        #expect(found.findings.allSatisfy { $0.line == 3 })
    }

    @Test("finds each of many faults, and tells the first of each rule alone") func many() {
        let rows = Array(repeating: Self.usage.merging(["SkuId": "", "Tags": "{"]) { $1 }, count: 1_000)
        let found = Self.verification(rows)
        #expect(found.counts == [.missing: 1_000, .json: 1_000] && found.findings.count == 40)
    }

    @Test(
        "compares the sum to the last place",
        arguments: [("0.0375", true), ("0.0375000000000000000001", false), ("0.037500", true), ("375E-4", true)])
    func total(total: String, holds: Bool) {
        #expect(Self.verification([Self.usage], total: total).findings.isEmpty == holds)
    }

    @Test(
        "reads numbers as FOCUS writes them",
        arguments: [
            ("1", "1.0"), ("-1.5", "-1.5"), ("15E-1", "1.5"), ("1.25e2", "125.0"), (".5", nil), ("5.", nil),
            ("1e", nil),
            ("--1", nil), ("0x10", nil), ("NaN", nil), ("inf", nil), ("1 000", nil), ("", nil),
            ("0.0000000000000000000001", "0.0000000000000000000001"), ("1e-30", "0.0"),
        ] as [(String, String?)])
    func number(text: String, value: String?) {
        #expect(FOCUSNumber(text)?.amount.map { FOCUSDecimal(amount: $0).text } == value)
    }

    @Test(
        "takes numbers for numbers that are too large to compare",
        arguments: ["1e30", "1e-9223372036854775808", "1e99999999999999999999"])
    func large(text: String) throws { #expect(try #require(FOCUSNumber(text)).amount == nil) }

    @Test(
        "compares costs with unit price times quantity exactly, but for one part in a billion",
        arguments: [
            ("0.0025", "0.0375", true), ("0.0000000000001", "0.0000000000015", true),
            ("0.0025", "0.0375000000375", true),
            ("0.0025", "0.0375000000376", false), ("0.0025", "-0.0375", false), ("1.2e15", "1e12", false),
        ] as [(String, String, Bool)])
    func products(quantity: String, cost: String, holds: Bool) {
        let row = Self.usage.merging(["PricingQuantity": quantity, "ListCost": cost]) { $1 }
        let found = Self.verification([row]).findings.filter { $0.rule == .product && $0.column == "ListCost" }
        #expect(found.isEmpty == holds, "\(found)")
    }
    @Test("finds columns that are missing, twice there or of nobody") func header() {
        var header = Self.columns.filter { $0 != "Tags" }
        header += ["BilledCost", "Team"]
        let columns = FOCUSVerification(header: header).findings.map(\.column)
        #expect(columns == ["Tags", "BilledCost", "Team"])
        var verification = FOCUSVerification(header: Self.columns)
        verification.check(["1"], line: 2)
        verification.noteUnreadable(line: 3, "it is not UTF-8")
        #expect(verification.findings.map(\.line) == [2, 3] && verification.total == nil)
    }
}
