/// A version of FOCUS, the FinOps Open Cost and Usage Specification, in which files can be written.
package enum FOCUSVersion: String, Sendable, CaseIterable {
    /// What most tools load.
    case v1_2 = "1.2"
    /// The first with the datasets of billing periods and invoices.
    case v1_4 = "1.4"
}

/// A dataset of FOCUS.
package enum FOCUSDataset: String, Sendable, CaseIterable {
    case costAndUsage = "cost-and-usage"
    case billingPeriod = "billing-period"
    case invoiceDetail = "invoice-detail"

    /// The version in which it is written unless somebody asks for another.
    package var usualVersion: FOCUSVersion { self == .costAndUsage ? .v1_2 : .v1_4 }

    package func isIn(_ version: FOCUSVersion) -> Bool { self == .costAndUsage || version == .v1_4 }
}
