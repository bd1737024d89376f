/// All agreements, found by the team and the model of a call.
///
/// One agreement applies to a call. An agreement for its model precedes one for the model that it is a snapshot of, then
/// one for its provider, then one for all models. At each level, an agreement of the team itself comes first. Of several
/// that remain, the newest applies.
/// A class, because each verdict passes it along.
package final class AgreementBook: Sendable {
    package let agreements: [Agreement]
    /// Newest first.
    private let byScope: [Scope: [Agreement]]
    /// The kinds of scopes in use. The first kind that matches applies.
    private let shapes: [Shape]
    /// By id of an agreement with rates.
    private let agreedPrices: [Int64: AgreedPrices]

    /// A model's prices with agreed rates in place of the list's, and those of its snapshots.
    private struct AgreedPrices {
        let own: ModelPrices
        var ofSnapshots: [ModelName: ModelPrices] = [:]

        subscript(model: ModelName) -> ModelPrices? { own.name == model ? own : ofSnapshots[model] }
    }

    package static let empty = AgreementBook([], prices: .empty)

    private struct Scope: Hashable {
        let team: String?
        let provider: String?
        let model: String?
    }

    private enum Shape: CaseIterable {
        case modelOfTeam, model, familyOfTeam, family, providerOfTeam, provider, team, all

        /// Nil if the scope is the same as that of a shape before.
        func scope(_ team: String?, _ model: ModelPrices) -> Scope? {
            let (name, family) = (model.name, model.family)
            switch self {
            case .modelOfTeam: return Scope(team: team, provider: name.provider, model: name.model)
            case .model: return Scope(team: nil, provider: name.provider, model: name.model)
            case .familyOfTeam:
                return family == name ? nil : Scope(team: team, provider: family.provider, model: family.model)
            case .family:
                return family == name ? nil : Scope(team: nil, provider: family.provider, model: family.model)
            case .providerOfTeam: return Scope(team: team, provider: name.provider, model: nil)
            case .provider: return Scope(team: nil, provider: name.provider, model: nil)
            case .team: return Scope(team: team, provider: nil, model: nil)
            case .all: return Scope(team: nil, provider: nil, model: nil)
            }
        }

        /// The shape of the same agreements for calls of a snapshot.
        var ofSnapshots: Shape? { self == .modelOfTeam ? .familyOfTeam : self == .model ? .family : nil }

        init(_ scope: Scope) {
            let isOfTeam = scope.team != nil
            if scope.model != nil {
                self = isOfTeam ? .modelOfTeam : .model
            } else if scope.provider != nil {
                self = isOfTeam ? .providerOfTeam : .provider
            } else {
                self = isOfTeam ? .team : .all
            }
        }
    }

    package init(_ agreements: [Agreement], prices: PriceBook) {
        self.agreements = agreements
        byScope = Dictionary(grouping: agreements.sorted { $0.id > $1.id }) {
            // Since the agreement was made, the model's name may have become an alias of another.
            let own = ModelName(provider: $0.provider ?? "", model: $0.model ?? "")
            let model = $0.model == nil ? nil : prices.models[own]?.name ?? own
            return Scope(
                team: $0.team, provider: model?.provider ?? $0.provider.map(ProviderName.canonical), model: model?.model
            )
        }
        let present = Set(byScope.keys.map(Shape.init))
        shapes = Shape.allCases.filter(present.union(present.compactMap(\.ofSnapshots)).contains)
        var agreedPrices: [Int64: AgreedPrices] = [:]
        for agreement in agreements {
            guard case .rates(let rates) = agreement.terms, let provider = agreement.provider,
                let model = agreement.model, let list = prices.models[ModelName(provider: provider, model: model)]
            else { continue }
            var agreed = AgreedPrices(own: list.replacing(by: rates))
            for snapshot in prices.models(meantBy: list.name).dropFirst() {
                agreed.ofSnapshots[snapshot] = prices.models[snapshot]!.replacing(by: rates)
            }
            agreedPrices[agreement.id] = agreed
        }
        self.agreedPrices = agreedPrices
    }

    /// The agreement that applies to a call of `model`. Without a team, only agreements for all teams apply.
    package func agreement(of team: String?, on model: ModelPrices, at moment: Timestamp) -> Agreement? {
        for shape in shapes {
            guard let scope = shape.scope(team, model) else { continue }
            if let found = byScope[scope]?.first(where: { $0.isValid(at: moment) }) { return found }
        }
        return nil
    }

    /// Visits the moments after `start` and up to `end` at which the rating of calls of `model` may change, because an
    /// agreement or a price begins or ends. Some moments may be visited twice.
    func forEachChange(
        of team: String?, on model: ModelPrices, after start: Timestamp, through end: Timestamp,
        _ body: (Timestamp) -> Void
    ) {
        model.forEachChange(after: start, through: end, body)
        for shape in shapes {
            for agreement in shape.scope(team, model).flatMap({ byScope[$0] }) ?? [] {
                if start < agreement.validFrom, agreement.validFrom <= end { body(agreement.validFrom) }
                if let until = agreement.validUntil, start < until, until <= end { body(until) }
            }
        }
    }

    /// The prices by which a call is rated under `agreement`, before its share: the list prices, with agreed rates
    /// replacing some.
    func prices(under agreement: Agreement?, list: ModelPrices) -> ModelPrices {
        agreement.flatMap { agreedPrices[$0.id]?[list.name] } ?? list
    }
}

extension ModelPrices {
    /// The same prices, with `rates` in place of all prices of their meters and tiers.
    fileprivate func replacing(by rates: [Price]) -> ModelPrices {
        func isReplaced(_ price: Price) -> Bool {
            rates.contains { $0.meter == price.meter && $0.tier == price.tier }
        }
        return ModelPrices(
            name: name, family: family, maximumInputTokens: maximumInputTokens,
            maximumOutputTokens: maximumOutputTokens, prices: prices.filter { !isReplaced($0) } + rates)
    }
}
