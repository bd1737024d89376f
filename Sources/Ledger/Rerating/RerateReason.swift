import Accounting
import Wording

/// Why calls get a correction, or none. Calls with the same reason are told in one line.
package struct RerateReason: Hashable, Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        /// A price that a call was rated by was another, or is.
        case priceChanged = "price_changed"
        /// The call had no price and has one now.
        case newlyPriced = "newly_priced"
        /// Another agreement applies to the call, or none any more.
        case agreementChanged = "agreement_changed"
        /// Only what the call would have cost on the model that was asked for is another.
        case savingChanged = "saving_changed"
        case stillUnpriced = "still_unpriced"
        /// The call keeps its cost.
        case refused
        /// Those with the smallest differences, together.
        case other
    }

    /// One meter's price, before and now.
    struct Change: Hashable, Sendable {
        let meter: Meter
        let before: Terms?
        let after: Terms?
        /// When the price of now begins.
        let since: Timestamp?
    }

    /// What a meter is charged for.
    struct Terms: Hashable, Sendable {
        let halfFemtodollarsPerUnit: Int64
        let leastQuantity: Int64?

        func withLeastQuantity(of list: Terms?) -> Terms {
            Terms(
                halfFemtodollarsPerUnit: halfFemtodollarsPerUnit,
                leastQuantity: leastQuantity ?? list?.leastQuantity)
        }
    }

    /// What is said beside the changed prices.
    enum Remark: Hashable, Sendable {
        case none
        /// The agreements' names; nil for none.
        case agreement(before: String?, after: String?)
        case gap(PriceGap?)
        case tooDear(Money)
        case unknownTier
        case ledgerRefused
        case others(Int)
    }

    package let kind: Kind
    /// The provider is empty where it is not known; nil for several models.
    package let model: ModelName?
    let tier: ServiceTier?
    private(set) var isOfList = false
    let changes: [Change]
    let remark: Remark

    init(
        _ kind: Kind, _ model: ModelName?, tier: ServiceTier? = nil, isOfList: Bool = false, changes: [Change] = [],
        remark: Remark = .none
    ) {
        (self.kind, self.model, self.tier) = (kind, model, tier)
        (self.isOfList, self.changes, self.remark) = (isOfList, changes, remark)
    }
}

extension RerateReason {
    /// One sentence for people.
    package var detail: String {
        let parts = [remarkText, changes.isEmpty ? nil : changesText].compactMap(\.self)
        return parts.isEmpty ? "calls of \(name) are rated anew" : parts.joined(separator: "; ")
    }

    private var name: String {
        guard let model else { return "several models" }
        return model.provider.isEmpty ? model.model : model.description
    }

    private var remarkText: String? {
        switch remark {
        case .none:
            switch kind {
            case .newlyPriced: "\(name) had no price for these calls"
            case .savingChanged: "what calls of \(name) would have cost on the model that was asked for is another"
            default: nil
            }
        case .agreement(let before, let after):
            switch (before, after) {
            case (let before?, let after?): "calls of \(name) go by the agreement \(after), no longer by \(before)"
            case (nil, let after?): "calls of \(name) go by the agreement \(after)"
            case (let before?, nil): "calls of \(name) no longer go by the agreement \(before)"
            case (nil, nil): nil
            }
        case .gap(let gap): gap?.clause ?? "the price book has no price for calls of \(name)"
        case .tooDear(let most): "calls of \(name) would cost more than one call may, \(Phrase.dollars(most.usd))"
        case .unknownTier: "calls of \(name) are of a service tier that only a later version knows"
        case .ledgerRefused: "the ledger refused corrections of calls of \(name)"
        case .others(let count): Phrase.count(count, "other reason")
        }
    }

    private var changesText: String {
        changes.enumerated().map { place, change in
            let meter = "\(isOfList ? "list price of " : "")\(change.meter.name)"
            let tier = tier.flatMap { $0 == .standard ? nil : " (\($0.rawValue))" } ?? ""
            return
                "\(meter)\(place == 0 && remarkText == nil ? " of \(name)" : "")\(place == 0 ? tier : ""): \(change.text)"
        }.joined(separator: ", ")
    }
}

extension RerateReason.Change {
    fileprivate var text: String {
        let latter = after.map { "\(price($0)) USD \(meter.isOfTokens ? "per million" : "each")" } ?? "no price"
        let since = since.map { " since \($0.dayOrTime)" } ?? ""
        guard before?.halfFemtodollarsPerUnit == after?.halfFemtodollarsPerUnit else {
            return "\(before.map { "\(price($0)) → " } ?? "")\(latter)\(since)\(leastText.map { ", \($0)" } ?? "")"
        }
        return "\(leastText ?? latter)\(since)"
    }

    private var leastText: String? {
        guard before?.leastQuantity != after?.leastQuantity else { return nil }
        func text(_ quantity: Int64?) -> String { quantity.map { "\($0)" } ?? "none" }
        return "least quantity \(text(before?.leastQuantity)) → \(text(after?.leastQuantity))"
    }

    /// Tokens by the million, anything else by one.
    private func price(_ terms: RerateReason.Terms) -> String {
        Phrase.amount(
            FixedPoint.text(Int128(terms.halfFemtodollarsPerUnit) * 5, places: meter.isOfTokens ? 10 : 16))
    }
}
