import Accounting

/// A line of what an issuer bills in a month: the charges of one category.
package struct FOCUSInvoiceLine: Sendable {
    package let provider: String
    package let category: String
    package fileprivate(set) var billed: Int128
}

/// Adds the charges of a month up to the lines of its invoices.
package struct FOCUSInvoices: Sendable {
    private var amounts: [String: [String: Int128]] = [:]

    package init() {}

    package mutating func add(_ charges: [FOCUSCharge]) {
        for charge in charges { amounts[charge.provider, default: [:]][charge.category, default: 0] += charge.cost }
    }

    package var lines: [FOCUSInvoiceLine] {
        providers.flatMap { provider in
            (amounts[provider] ?? [:]).sorted { $0.key < $1.key }.map {
                FOCUSInvoiceLine(provider: provider, category: $0.key, billed: $0.value)
            }
        }
    }

    package var providers: [String] { amounts.keys.sorted() }

    package func text(_ dataset: FOCUSDataset, _ file: FOCUSFile) -> String {
        if dataset == .billingPeriod {
            let columns = FOCUSColumn<String>.billingPeriod
            return columns.header() + providers.map { columns.record($0, file) }.joined()
        }
        let columns = FOCUSColumn<FOCUSInvoiceLine>.invoiceDetail
        return columns.header() + lines.map { columns.record($0, file) }.joined()
    }
}
