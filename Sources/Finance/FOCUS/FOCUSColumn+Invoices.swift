import Accounting
import JSON

extension FOCUSColumn<String> {
    /// The columns of the billing period of an issuer, whom the row is.
    package static let billingPeriod: [FOCUSColumn] = [
        FOCUSColumn("BillingPeriodCreated", .dateTime, .never) { $1.periodStart },
        FOCUSColumn("BillingPeriodEnd", .dateTime, .never) { $1.periodEnd },
        FOCUSColumn("BillingPeriodLastUpdated", .dateTime, .never) { $1.lastUpdated },
        FOCUSColumn("BillingPeriodStart", .dateTime, .never) { $1.periodStart },
        FOCUSColumn("BillingPeriodStatus", .text, .never) { $1.closedAt == nil ? "Open" : "Closed" },
        FOCUSColumn("InvoiceIssuerName", .text, .never) { provider, _ in FOCUSFile.issuer(provider) },
    ]
}

extension FOCUSColumn<FOCUSInvoiceLine> {
    package static let invoiceDetail: [FOCUSColumn] = [
        FOCUSColumn("BilledCost", .decimal, .never, value: billed),
        FOCUSColumn("BillingAccountId", .text, .never) { $1.account.id },
        FOCUSColumn("BillingCurrency", .text, .never) { _, _ in "USD" },
        FOCUSColumn("BillingPeriodEnd", .dateTime, .never) { $1.periodEnd },
        FOCUSColumn("BillingPeriodStart", .dateTime, .never) { $1.periodStart },
        FOCUSColumn("ChargeCategory", .text, .never) { line, _ in line.category },
        FOCUSColumn("InvoiceDetailCreated", .dateTime, .never) { $1.periodStart },
        FOCUSColumn("InvoiceDetailDescription") { "\($0.category) of \(FOCUSFile.issuer($0.provider)) in \($1.month)" },
        FOCUSColumn("InvoiceDetailGrain", .keyValues) { line, _ in
            var writer = JSONWriter()
            writer.object {
                $0.field("x_ChargeCategory", line.category)
                $0.field("x_InvoiceIssuerName", FOCUSFile.issuer(line.provider))
            }
            return writer.text
        },
        FOCUSColumn("InvoiceDetailId", .text, .never, value: id),
        FOCUSColumn("InvoiceDetailLastUpdated", .dateTime, .never) { $1.lastUpdated },
        FOCUSColumn("InvoiceId", .text, .never) { $1.invoiceID($0.provider) },
        FOCUSColumn("InvoiceIssueDate", .dateTime) { $1.closedAt.map(FOCUSFile.text) },
        FOCUSColumn("InvoiceIssueStatus", .text, .never) { $1.closedAt == nil ? "Open" : "Issued" },
        FOCUSColumn("InvoiceIssuerName", .text, .never) { line, _ in FOCUSFile.issuer(line.provider) },
        FOCUSColumn("PaymentCurrency", .text, .never) { _, _ in "USD" },
        FOCUSColumn("PaymentCurrencyBilledCost", .decimal, .never, value: billed),
        FOCUSColumn("PaymentCurrencyInvoiceDetailId", .text, .never, value: id),
        FOCUSColumn("PaymentDueDate", .dateTime),
        // The provider knows its terms, and Purser does not.
        FOCUSColumn("PaymentTerms", .text, .never) { _, _ in "Not stated" },
        FOCUSColumn("PurchaseOrderNumber"),
        FOCUSColumn("ReferenceInvoiceId", .text, .never) { $1.invoiceID($0.provider) },
    ]

    private static let billed: Value = { line, _ in FOCUSDecimal(amount: line.billed).text }
    private static let id: Value = { $1.invoiceDetailID($0.provider, $0.category) }
}

extension FOCUSFile {
    /// A closed month stays as it was closed, an open one changes all the time.
    fileprivate var lastUpdated: String { Self.text(closedAt ?? asOf) }
}
