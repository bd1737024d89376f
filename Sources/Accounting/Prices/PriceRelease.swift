/// Which release of the price book is in force: what reports, metrics and people name it by.
package struct PriceRelease: Sendable, Equatable {
    /// `2026.11.28`; at most 64 characters.
    package let version: String
    /// The day on which its sources were read.
    package let date: CalendarDay
    package let sources: [Source]

    /// How much of what a source knows has a price in the book.
    package struct Source: Sendable, Equatable {
        /// With its release, such as `litellm 1.109.1`.
        package let name: String
        package let listedModels: Int64
        package let pricedModels: Int64

        package init(name: String, listedModels: Int64, pricedModels: Int64) {
            (self.name, self.listedModels, self.pricedModels) = (name, listedModels, pricedModels)
        }
    }

    package init(version: String, date: CalendarDay, sources: [Source]) {
        (self.version, self.date, self.sources) = (version, date, sources)
    }

    /// `2026.11.28`, for a book whose sources were read on that day.
    package static func version(of date: CalendarDay) -> String {
        date.description.split(separator: "-").joined(separator: ".")
    }
}
