import Accounting

extension PriceStore {
    /// What an import did, or would do.
    package struct Change: Sendable {
        package var unchanged = 0
        package var rows: [AddedRow] = []
        /// What models of an import's files have and the files do not.
        package var leftOut: [PriceLeftOut] = []

        package var added: Int { rows.count }
        package var addedModels: [String] { Set(rows.map(\.model.model)).sorted() }
    }

    /// A row that an import adds, and the price that was in force before for the same model, meter, tier, threshold,
    /// region and hours.
    package struct AddedRow: Sendable, Equatable {
        package let model: ModelName
        package let meter: String
        package let serviceTier: String
        package let aboveContextTokens: Int64
        /// An empty `region` means everywhere, empty `hours` mean always.
        package let region: String
        package let hours: String
        package let femtodollarsPerUnit: Int64
        /// Nil if no price was in force before.
        package let formerFemtodollarsPerUnit: Int64?
        /// Nil without a least.
        package let leastQuantity: Int64?
        package let formerLeastQuantity: Int64?
        package let validFrom: Timestamp
        package let validUntil: Timestamp?

        package enum Kind: String, Sendable, CaseIterable { case added, changed, ended }

        /// What the row does to the price before it.
        package var kind: Kind {
            guard let former = formerFemtodollarsPerUnit else { return .added }
            let isSame = former == femtodollarsPerUnit && formerLeastQuantity == leastQuantity
            return isSame && validUntil != nil ? .ended : .changed
        }
    }
}
