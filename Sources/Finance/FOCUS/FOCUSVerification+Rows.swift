/// What the cells of a row say together, and what rows say together.
extension FOCUSVerification {
    /// A product and its cost may differ by one part in so many.
    private static let partsOfTolerance: UInt128 = 1_000_000_000

    mutating func checkCosts(_ row: FOCUSRecord) {
        if row.isOf("Usage", "Purchase"), !row.isCorrection {
            checkProduct("ListCost", "ListUnitPrice", row)
            checkProduct("ContractedCost", "ContractedUnitPrice", row)
        }
        if row.isOf("Credit"), let billed = row["BilledCost"].flatMap(FOCUSNumber.init) {
            for name in ["ListCost", "ContractedCost", "EffectiveCost"] {
                guard let cost = row[name].flatMap(FOCUSNumber.init), cost.amount != billed.amount else { continue }
                note(.credit, row.line, name, "is not the BilledCost of the credit")
            }
        }
    }

    private mutating func checkProduct(_ cost: String, _ price: String, _ row: FOCUSRecord) {
        func number(_ name: String) -> Int128? { row[name].flatMap(FOCUSNumber.init)?.amount }
        guard let said = number(cost), let price = number(price), let quantity = number("PricingQuantity") else {
            return
        }
        let product = FOCUSDecimal.product(price, quantity)
        if let product {
            let (difference, isOver) = said.subtractingReportingOverflow(product)
            // The product was cut after its last place.
            let allowed = max(said.magnitude, product.magnitude) / Self.partsOfTolerance + 1
            if !isOver, difference.magnitude <= allowed { return }
        }
        let text = product.map { FOCUSDecimal(amount: $0).text } ?? "too large to be read"
        note(.product, row.line, cost, "is \(row[cost] ?? ""), and unit price times PricingQuantity is \(text)")
    }

    mutating func checkTimes(_ row: FOCUSRecord) {
        func time(_ name: String) -> String? { row[name].flatMap { Self.isTime($0) ? $0 : nil } }
        // Times of one form are in the order of their texts.
        guard let start = time("ChargePeriodStart"), let end = time("ChargePeriodEnd"),
            let billingStart = time("BillingPeriodStart"), let billingEnd = time("BillingPeriodEnd")
        else { return }
        if end <= start { note(.period, row.line, "ChargePeriodEnd", "is not after ChargePeriodStart") }
        if billingEnd <= billingStart { note(.period, row.line, "BillingPeriodEnd", "is not after BillingPeriodStart") }
        if start >= billingEnd { note(.period, row.line, "ChargePeriodStart", "is after the billing period") }
        if row.isCorrection, start >= billingStart {
            note(.correction, row.line, "ChargeClass", "is Correction for a charge of the same billing period")
        }
    }

    mutating func checkNames(_ row: FOCUSRecord) {
        if let price = row["SkuPriceId"], let sku = row["SkuId"], let known = skus.other(than: sku, of: price) {
            note(.sku, row.line, "SkuPriceId", "\(price) is of \(sku) here and of \(known) before")
        }
        if let service = row["ServiceName"], let category = row["ServiceCategory"],
            let known = categories.other(than: category, of: service)
        {
            note(.service, row.line, "ServiceCategory", "of \(service) is \(category) here and \(known) before")
        }
        if let issuer = row["InvoiceIssuerName"], let start = row["BillingPeriodStart"],
            let account = row["BillingAccountId"], case let invoice = row["InvoiceId"] ?? "none",
            let known = invoices.other(than: invoice, of: [issuer, account, start])
        {
            note(.invoice, row.line, "InvoiceId", "is \(invoice) here and \(known) before, in one billing period")
        }
    }
}

extension Dictionary where Value == String {
    /// The value that the key had at first, if that is another one.
    fileprivate mutating func other(than value: String, of key: Key) -> String? {
        guard let known = self[key] else {
            self[key] = value
            return nil
        }
        return known == value ? nil : known
    }
}
