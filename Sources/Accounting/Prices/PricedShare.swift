/// How many of some calls, or of the models that a source lists, have a price.
package struct PricedShare: Sendable, Equatable {
    package let all: Int64
    package let priced: Int64

    package init(all: Int64, priced: Int64) {
        (self.all, self.priced) = (all, priced)
    }

    package var isWhole: Bool { priced >= all }

    /// Rounded down, so that it is 1 only where all have a price; nil where there are none.
    package var fraction: Fraction? {
        guard all > 0 else { return nil }
        return Fraction(millionths: Int64(Int128(priced) * Int128(Fraction.whole.millionths) / Int128(all)))
    }
}

extension PriceRelease.Source {
    package var share: PricedShare { PricedShare(all: listedModels, priced: pricedModels) }
}
