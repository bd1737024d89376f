import Accounting
import JSON

extension FOCUSColumn<FOCUSCharge> {
    package static let costAndUsage = focus.sorted { $0.name < $1.name } + own

    private static let focus: [FOCUSColumn] = billing + period + cost + price + service + place + unused

    private static let billing: [FOCUSColumn] = [
        FOCUSColumn("BillingAccountId", .text, .never) { $1.account.id },
        FOCUSColumn("BillingAccountName") { $1.account.name },
        FOCUSColumn("BillingAccountType") { _, _ in "Organization" },
        FOCUSColumn("BillingCurrency", .text, .never) { _, _ in "USD" },
        FOCUSColumn("InvoiceDetailId", in: .v1_4) { $1.invoiceDetailID($0.provider, $0.category) },
        FOCUSColumn("InvoiceId") { $1.invoiceID($0.provider) },
        FOCUSColumn("InvoiceIssuerName", .text, .never) { charge, _ in FOCUSFile.issuer(charge.provider) },
        FOCUSColumn("SubAccountId") { $1.team($0.team).costCenter ?? $1.team($0.team).name },
        FOCUSColumn("SubAccountName") { charge, file in
            let team = file.team(charge.team)
            return team.costCenter ?? team.displayName ?? team.name
        },
        FOCUSColumn("SubAccountType") { $1.team($0.team).costCenter == nil ? "Team" : "Cost Center" },
        FOCUSColumn("Tags", .keyValues) { charge, file in
            let team = file.team(charge.team)
            return keyValues([("team", team.name), ("cost_center", team.costCenter), ("owner", team.owner)])
        },
    ]

    private static let period: [FOCUSColumn] = [
        FOCUSColumn("BillingPeriodEnd", .dateTime, .never) { $1.periodEnd },
        FOCUSColumn("BillingPeriodStart", .dateTime, .never) { $1.periodStart },
        FOCUSColumn("ChargeCategory", .text, .never) { charge, _ in charge.category },
        FOCUSColumn("ChargeClass") { $0.day < $1.month.firstDay ? "Correction" : nil },
        FOCUSColumn("ChargeDescription") { charge, _ in charge.description },
        FOCUSColumn("ChargeFrequency", .text, .never) { charge, _ in charge.isUsage ? "Usage-Based" : "One-Time" },
        FOCUSColumn("ChargePeriodEnd", .dateTime, .never) { $1.end(of: $0.day) },
        FOCUSColumn("ChargePeriodStart", .dateTime, .never) { $1.start(of: $0.day) },
    ]

    private static let cost: [FOCUSColumn] = [
        amount("BilledCost", \.cost), amount("EffectiveCost", \.cost), amount("PricingCurrencyEffectiveCost", \.cost),
        amount("ListCost", \.listCost), amount("ContractedCost", \.contractedCost),
        FOCUSColumn("ConsumedQuantity", .decimal, .neverWhereUsed) { charge, _ in
            charge.isUsage ? FOCUSDecimal(charge.quantity, places: 0).text : nil
        },
        FOCUSColumn("ConsumedUnit", .text, .neverWhereUsed) { charge, _ in charge.isUsage ? charge.consumedUnit : nil },
    ]

    private static let price: [FOCUSColumn] = [
        unitPrice("ListUnitPrice", \.listUnitPrice), unitPrice("PricingCurrencyListUnitPrice", \.listUnitPrice),
        unitPrice("ContractedUnitPrice", \.contractedUnitPrice),
        unitPrice("PricingCurrencyContractedUnitPrice", \.contractedUnitPrice),
        unitPrice("PricingQuantity", \.pricingQuantity),
        FOCUSColumn("PricingCategory", .text, .neverWherePriced) { charge, _ in charge.isUsage ? "Standard" : nil },
        FOCUSColumn("PricingCurrency", .text, .never) { _, _ in "USD" },
        FOCUSColumn("PricingUnit", .text, .neverWherePriced) { charge, _ in charge.isUsage ? charge.pricingUnit : nil },
        FOCUSColumn("SkuId", .text, .neverWherePriced) { charge, _ in charge.skuID },
        FOCUSColumn("SkuMeter") { charge, _ in charge.isUsage ? charge.skuMeter : nil },
        FOCUSColumn("SkuPriceDetails", .keyValues) { charge, _ in
            charge.isUsage ? keyValues([("x_Meter", charge.meter?.name), ("x_ServiceTier", charge.tier)]) : nil
        },
        FOCUSColumn("SkuPriceId", .text, .neverWherePriced) { charge, _ in charge.skuPriceID },
    ]

    private static let service: [FOCUSColumn] = [
        FOCUSColumn("ProviderName", .text, .never, in: .v1_2, value: provider),
        FOCUSColumn("PublisherName", .text, .never, in: .v1_2, value: provider),
        FOCUSColumn("ServiceProviderName", .text, .never, in: .v1_4, value: provider),
        FOCUSColumn("HostProviderName", in: .v1_4, value: provider),
        FOCUSColumn("ServiceCategory", .text, .never) { _, _ in "AI and Machine Learning" },
        FOCUSColumn("ServiceName", .text, .never) { charge, _ in "\(FOCUSFile.issuer(charge.provider)) API" },
        FOCUSColumn("ServiceSubcategory", .text, .never) { _, _ in "Generative AI" },
    ]

    private static let place: [FOCUSColumn] = [
        FOCUSColumn("RegionId") { charge, _ in charge.region.isEmpty ? nil : charge.region },
        FOCUSColumn("RegionName") { charge, _ in charge.region.isEmpty ? nil : charge.region },
    ]

    /// What Purser's charges never have.
    private static let unused: [FOCUSColumn] =
        [
            "AvailabilityZone", "CapacityReservationId", "CapacityReservationStatus", "CommitmentDiscountCategory",
            "CommitmentDiscountId", "CommitmentDiscountName", "CommitmentDiscountStatus", "CommitmentDiscountType",
            "CommitmentDiscountUnit", "ResourceId", "ResourceName", "ResourceType",
        ].map { FOCUSColumn($0) } + [FOCUSColumn("CommitmentDiscountQuantity", .decimal)]
        + ["AllocatedMethodId", "AllocatedResourceId", "AllocatedResourceName"].map { FOCUSColumn($0, in: .v1_4) }
        // Of these FOCUS allows objects within objects.
        + ["AllocatedMethodDetails", "CommitmentProgramEligibilityDetails", "ContractApplied"].map {
            FOCUSColumn($0, in: .v1_4)
        } + [FOCUSColumn("AllocatedTags", .keyValues, in: .v1_4)]

    private static let own: [FOCUSColumn] = [
        FOCUSColumn("x_Agreement") { charge, _ in charge.agreement },
        FOCUSColumn("x_CreditId") { charge, _ in
            if case .credit(let id) = charge.kind { id } else { nil }
        },
        FOCUSColumn("x_Model") { charge, _ in charge.model.isEmpty ? nil : charge.model },
        FOCUSColumn("x_PriceStatus") { charge, _ in charge.priceStatus },
        FOCUSColumn("x_ServiceTier") { charge, _ in charge.tier.isEmpty ? nil : charge.tier },
        FOCUSColumn("x_Team") { $1.team($0.team).name },
        FOCUSColumn("x_UnpricedQuantity", .decimal) { charge, _ in
            charge.kind == .unpriced ? FOCUSDecimal(charge.quantity, places: 0).text : nil
        },
        FOCUSColumn("x_UnpricedUnit") { charge, _ in charge.kind == .unpriced ? charge.consumedUnit : nil },
    ]

    private static let provider: Value = { charge, _ in FOCUSFile.issuer(charge.provider) }

    private static func amount(
        _ name: String, _ amount: @escaping @Sendable (FOCUSCharge) -> Int128
    ) -> FOCUSColumn {
        FOCUSColumn(name, .decimal, .never) { charge, _ in FOCUSDecimal(amount: amount(charge)).text }
    }

    private static func unitPrice(
        _ name: String, _ price: @escaping @Sendable (FOCUSCharge) -> FOCUSDecimal?
    ) -> FOCUSColumn {
        FOCUSColumn(name, .decimal, .neverWherePriced) { charge, _ in price(charge)?.text }
    }

    /// A flat object of those that have a value; nil if none has.
    private static func keyValues(_ pairs: [(name: String, value: String?)]) -> String? {
        let pairs = pairs.filter { $0.value?.isEmpty == false }
        guard !pairs.isEmpty else { return nil }
        var writer = JSONWriter()
        writer.object { for pair in pairs { $0.field(named: pair.name, pair.value) } }
        return writer.text
    }
}
