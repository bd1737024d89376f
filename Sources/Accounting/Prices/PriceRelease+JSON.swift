import JSON

extension JSONWriter {
    /// Writes the field `price_book`: by which release of the price book an answer was made; null where none was loaded.
    package mutating func priceBook(_ release: PriceRelease?) {
        name("price_book")
        guard let release else { return null() }
        object {
            $0.field("version", release.version)
            $0.field("date", release.date.description)
        }
    }
}
