import Accounting
import Ledger
import Postgres

/// A sum of a meter or, where the meter is empty, of entries.
struct FOCUSLine {
    let team: String
    let provider: String
    let model: String
    let tier: String
    let region: String
    let isEstimated: Bool
    let isPriced: Bool
    /// Nil for the sums of entries.
    let meter: Meter?
    let priceID: Int64
    let agreedPriceID: Int64
    let agreement: String?
    let quantity: Int128
    let billedQuantity: Int128
    /// Of one unit, in 1e-22 USD as the costs; nil where there is no price.
    let listPrice: Int128?
    let contractedPrice: Int128?
    let listCost: Int128
    let cost: Int128
    /// What the entries say, rounded.
    let roundedListCost: Int128
    let roundedCost: Int128

    init(_ row: Row) throws {
        team = try row.decode(named: "team")
        provider = try row.decode(named: "provider")
        model = try row.decode(named: "model")
        tier = try row.decode(named: "service_tier")
        region = try row.decode(named: "region")
        isEstimated = try row.decode(String.self, named: "kind") == LedgerEntry.Kind.estimated.rawValue
        isPriced = try row.decode(named: "is_priced")
        let name: String = try row.decode(named: "meter")
        meter = name.isEmpty ? nil : Meter(name)
        priceID = try row.decode(named: "price_id")
        agreedPriceID = try row.decode(named: "agreed_price_id")
        agreement = try row.decode(named: "agreement")
        quantity = try row.decode(named: "quantity")
        billedQuantity = try row.decode(named: "billed_quantity")
        listPrice = try row.decode(named: "list_price")
        contractedPrice = try row.decode(named: "contracted_price")
        listCost = try row.decode(named: "list_cost")
        cost = try row.decode(named: "cost")
        roundedListCost = try row.decode(Int128.self, named: "list_cost_nanodollars") * FOCUSDecimal.unitsPerNanodollar
        roundedCost = try row.decode(Int128.self, named: "cost_nanodollars") * FOCUSDecimal.unitsPerNanodollar
    }

    /// The row that says it; nil where there is nothing to say.
    func charge(on day: CalendarDay) -> FOCUSCharge? {
        guard let kind else { return nil }
        var charge = FOCUSCharge(kind: kind, team: team, provider: provider, day: day)
        (charge.model, charge.tier, charge.region, charge.meter) = (model, tier, region, meter)
        (charge.priceID, charge.agreedPriceID, charge.agreement) = (priceID, agreedPriceID, agreement)
        (charge.quantity, charge.billedQuantity) = (quantity, billedQuantity)
        if kind == .estimated {
            (charge.listCost, charge.contractedCost, charge.cost) = (roundedListCost, roundedCost, roundedCost)
        } else if let listPrice, let contractedPrice {
            (charge.listPrice, charge.contractedPrice, charge.cost) = (listPrice, contractedPrice, cost)
            charge.listCost = kind == .usage(hasListPrice: true) ? listCost : cost
            charge.contractedCost = contractedPrice * billedQuantity
        }
        return charge.isEmpty ? nil : charge
    }

    /// Of an estimated entry the entry is charged, of all others the meters are.
    private var kind: FOCUSCharge.Kind? {
        if isEstimated { return meter == nil ? .estimated : nil }
        guard meter != nil else { return nil }
        return isPriced ? .usage(hasListPrice: priceID != 0) : .unpriced
    }
}

/// By how much the entries of a team and a provider differ from the meters.
struct FOCUSRounding {
    private var charge: FOCUSCharge?
    private let day: CalendarDay

    init(day: CalendarDay) { self.day = day }

    /// The row of the team and provider before, where `line` is of others.
    mutating func finished(before line: FOCUSLine) -> [FOCUSCharge] {
        if let charge, charge.team == line.team, charge.provider == line.provider { return [] }
        defer { charge = FOCUSCharge(kind: .rounding, team: line.team, provider: line.provider, day: day) }
        return finished()
    }

    func finished() -> [FOCUSCharge] {
        guard var charge, !charge.isEmpty else { return [] }
        charge.contractedCost = charge.cost
        return [charge]
    }

    mutating func add(_ line: FOCUSLine) {
        guard !line.isEstimated else { return }
        charge?.cost += line.roundedCost - line.cost
        charge?.listCost += line.roundedListCost - line.listCost
    }
}
