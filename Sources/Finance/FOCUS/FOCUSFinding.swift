/// A cell that breaks a rule of FOCUS.
package struct FOCUSFinding: Sendable, Equatable {
    package enum Rule: String, Sendable, CaseIterable {
        /// The columns of the dataset are all there, once, and others begin with `x_`.
        case columns
        /// A column that must have a value has one, by the kind of the row.
        case missing
        /// A column that must be empty is empty, by the kind of the row.
        case unexpected
        /// An empty field stands for null, and nothing else does.
        case null
        case number
        case date
        /// JSON is one object without others in it.
        case json
        /// Costs are the unit price times the quantity.
        case product
        /// The four costs of a credit are the same.
        case credit
        /// A price of a SKU is of one SKU.
        case sku
        /// A service is of one category.
        case service
        /// Times end after they begin, and no charge begins after its billing period.
        case period
        /// Only a charge of a billing period before is a correction.
        case correction
        /// An issuer sends one invoice for a billing period.
        case invoice
        /// The costs come to the total.
        case total
    }

    package let rule: Rule
    /// The line on which the row begins, from 1.
    package let line: Int
    /// Nil where it is of the whole file.
    package let column: String?
    package let detail: String
}
