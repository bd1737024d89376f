import Accounting

extension PriceFile {
    /// One rate, as the price book stores it.
    package struct PriceLine: Sendable, Equatable {
        package let meter: String
        package var serviceTier: String
        /// The rate holds for prompts of strictly more tokens than this; 0 without a threshold.
        package let aboveContextTokens: Int64
        /// Empty if the rate holds in every region.
        package var region = ""
        /// In UTC, as `WeeklyHours` writes them; empty if the rate holds at all hours.
        package var hours = ""
        /// In 1e-15 USD for one token or one non-token unit. 0 only if the file says `free: true`.
        package var femtodollarsPerUnit: Int64
        /// What a call that uses any of the meter is charged for at the least; nil if the file does not say.
        package var leastQuantity: Int64?
        package var validFrom: Timestamp
        /// Exclusive: its own `until`, or else the `from` of the next entry of its source.
        package var validUntil: Timestamp?
        /// The key of the source.
        package var source = ""

        package init(
            meter: String, serviceTier: String, aboveContextTokens: Int64, region: String = "", hours: String = "",
            femtodollarsPerUnit: Int64, leastQuantity: Int64? = nil, validFrom: Timestamp, validUntil: Timestamp?,
            source: String = ""
        ) {
            (self.meter, self.serviceTier, self.aboveContextTokens) = (meter, serviceTier, aboveContextTokens)
            (self.region, self.hours, self.source) = (region, hours, source)
            (self.femtodollarsPerUnit, self.leastQuantity) = (femtodollarsPerUnit, leastQuantity)
            (self.validFrom, self.validUntil) = (validFrom, validUntil)
        }

        /// The rate dimensions of a price. Two lines with the same dimensions cannot stand beside each other.
        package struct Place: Hashable {
            let meter: String
            let serviceTier: String
            let aboveContextTokens: Int64
            let region: String
            let hours: String

            /// The prices of one meter for prompts of every size and at all hours belong together.
            var cell: Place {
                Place(meter: meter, serviceTier: serviceTier, aboveContextTokens: 0, region: region, hours: "")
            }
        }

        /// The same elsewhere.
        func at(_ place: Place) -> PriceLine {
            PriceLine(
                meter: place.meter, serviceTier: place.serviceTier, aboveContextTokens: place.aboveContextTokens,
                region: place.region, hours: place.hours, femtodollarsPerUnit: femtodollarsPerUnit,
                leastQuantity: leastQuantity, validFrom: validFrom, validUntil: validUntil, source: source)
        }

        package var place: Place {
            Place(
                meter: meter, serviceTier: serviceTier, aboveContextTokens: aboveContextTokens, region: region,
                hours: hours)
        }
    }
}
