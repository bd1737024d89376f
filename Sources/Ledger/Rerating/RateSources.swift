import Accounting

/// The rows that entries name, to tell what a call was rated by.
struct RateSources: Sendable {
    /// Of the list and agreed ones: their ids are of one kind.
    private let prices: [Int64: Price]
    private let agreements: [Int64: String]

    init(_ book: PriceBook, _ agreements: [Agreement]) {
        var prices: [Int64: Price] = [:]
        for (name, model) in book.models where name == model.name {
            for price in model.prices { prices[price.id] = price }
        }
        for case .rates(let rates) in agreements.map(\.terms) {
            for rate in rates { prices[rate.id] = rate }
        }
        self.prices = prices
        self.agreements = Dictionary(agreements.map { ($0.id, $0.name) }) { $1 }
    }

    /// Why a call that was rated otherwise gets a correction.
    func reason(for call: RecordedCall, tier: ServiceTier, _ rated: RatedCall, on sold: ModelName?) -> RerateReason {
        let model = sold ?? call.model
        guard call.cost != nil else {
            return RerateReason(
                .newlyPriced, model, tier: tier, changes: changes(nil, rated.agreedLines ?? rated.lines))
        }
        let was = call.ratedBy
        let listed = terms(of: was.priceIDs, tier)
        // An agreed rate that says nothing of a least quantity has that of the list.
        let agreed = was.agreedPriceIDs.map { ids in
            terms(of: ids, tier).enumerated().map { place, terms in
                terms?.withLeastQuantity(of: listed.indices.contains(place) ? listed[place] : nil)
            }
        }
        let effective = changes(agreed ?? listed, rated.agreedLines ?? rated.lines)
        if was.agreementID != rated.agreement?.id {
            let names = (was.agreementID.map { agreements[$0] ?? "\($0)" }, rated.agreement?.name)
            return RerateReason(
                .agreementChanged, model, tier: tier, changes: effective,
                remark: .agreement(before: names.0, after: names.1))
        }
        if !effective.isEmpty { return RerateReason(.priceChanged, model, tier: tier, changes: effective) }
        let ofList = changes(listed, rated.lines)
        return RerateReason(
            ofList.isEmpty ? .savingChanged : .priceChanged, model, tier: tier, isOfList: true, changes: ofList)
    }

    /// What each line of an entry was charged by; nil where its row is not known here.
    private func terms(of ids: [Int64?], _ tier: ServiceTier) -> [RerateReason.Terms?] {
        ids.map { id in
            // Half of the standard rate is charged in the tier batch where that has no rate of its own.
            id.flatMap { prices[$0] }.map { price in
                RerateReason.Terms(
                    halfFemtodollarsPerUnit: price.femtodollarsPerUnit
                        * (tier == .batch && price.tier == .standard ? 1 : 2),
                    leastQuantity: price.leastQuantity)
            }
        }
    }

    /// What is charged otherwise now, each meter once. `before` has the lines' own order; nil where there was no price.
    private func changes(
        _ before: [RerateReason.Terms?]?, _ lines: [RatedCall.Line]
    ) -> [RerateReason.Change] {
        var changes: [RerateReason.Change] = []
        for (place, line) in lines.enumerated() {
            let former = before.flatMap { $0.indices.contains(place) ? $0[place] : nil }
            let now = line.rate.map {
                RerateReason.Terms(
                    halfFemtodollarsPerUnit: $0.halfFemtodollarsPerUnit, leastQuantity: $0.leastQuantity)
            }
            let row = line.rate.flatMap { prices[$0.priceID] }
            let change = RerateReason.Change(meter: line.meter, before: former, after: now, since: row?.validFrom)
            if former != now, !changes.contains(change) { changes.append(change) }
        }
        return changes
    }
}
