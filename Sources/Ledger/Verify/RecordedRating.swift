/// How an entry says that it was rated. Each line has its place in all of the arrays.
struct RecordedRating {
    /// The agreement that an entry was rated under.
    struct Agreed {
        let agreementID: Int64
        /// Nil if the agreement is a share of the list price.
        let priceIDs: [Int64?]?
    }

    let tier: String
    let meters: [String]
    let quantities: [Int64]
    let priceIDs: [Int64?]
    let agreed: Agreed?
}
