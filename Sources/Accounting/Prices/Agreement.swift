/// What a provider, or the company with its own teams, has agreed to charge instead of the list price.
///
/// The terms never change. An agreement may be ended, and another may follow it. A class, like everything that ledger
/// entries only refer to.
package final class Agreement: Sendable {
    package enum Terms: Hashable, Sendable {
        /// A discount (0.9 is 10% less) or a markup (1.05 is 5% more): the share of the list price that is paid, within
        /// `shareRange`.
        case share(Fraction)
        /// Rates for one model of a provider, such as for a committed use. Each rate replaces all list prices of its
        /// meter and tier.
        case rates([Price])
    }

    package let id: Int64
    package let name: String
    /// The team whose calls it is for; nil for all teams.
    package let team: String?
    /// The provider whose models it is for; nil for all providers.
    package let provider: String?
    /// The model, as its provider sells it; nil for all models. Never set without a provider.
    package let model: String?
    package let terms: Terms
    package let validFrom: Timestamp
    /// Exclusive; nil if no end is known.
    package let validUntil: Timestamp?

    /// From free of charge to ten times the price.
    package static let shareRange = Fraction(millionths: 0)...Fraction(millionths: 10_000_000)
    package static let maximumRates = 64

    package init(
        id: Int64, name: String, team: String? = nil, provider: String? = nil, model: String? = nil, terms: Terms,
        validFrom: Timestamp, validUntil: Timestamp? = nil
    ) {
        self.id = id
        self.name = name
        self.team = team
        self.provider = provider
        self.model = model
        self.terms = terms
        self.validFrom = validFrom
        self.validUntil = validUntil
    }

    package func isValid(at moment: Timestamp) -> Bool {
        validFrom <= moment && (validUntil.map { moment < $0 } ?? true)
    }

    /// The share of the rate cards' price that is paid. With agreed rates it is the whole price.
    package var share: Fraction {
        if case .share(let share) = terms { share } else { .whole }
    }
}

extension Agreement: Equatable {
    package static func == (left: Agreement, right: Agreement) -> Bool {
        left.id == right.id && left.name == right.name && left.team == right.team && left.provider == right.provider
            && left.model == right.model && left.terms == right.terms && left.validFrom == right.validFrom
            && left.validUntil == right.validUntil
    }
}
