/// Something that an answer must not leave unsaid, for a program by its code and for a person in one sentence.
package struct CallWarning: Hashable, Sendable {
    /// The codes are part of the API.
    package enum Code: String, Sendable, CaseIterable {
        /// Counts that a usage object has and nobody understood.
        case unreadFields = "unread_fields"
        /// The provider counts more or fewer tokens than its parts.
        case totalDiffers = "total_differs"
        /// Counts that the provider charges for are null or missing.
        case nullCounts = "null_counts"
        /// Only a part of what a stream says about its usage was sent.
        case partialStream = "partial_stream"
        /// The class of service has a name that Purser does not know.
        case unknownServiceTier = "unknown_service_tier"
        /// The model was found by a guess at its name.
        case nameGuessed = "name_guessed"
        /// The call that is reported has no price.
        case unpriced
        /// The model of a call that is asked for has no price, so its cost is not counted.
        case modelNotPriced = "model_not_priced"
        /// No price is for the region of a question about a price.
        case unknownRegion = "unknown_region"
        /// The most that the call can put out was not said, so the model's own maximum is held for; or is not known.
        case outputAssumed = "output_assumed"
        /// The call asks for more output than the model can put out; the model's own maximum is held for.
        case outputBounded = "output_bounded"
        /// The call is held for less output than it asks for, because a budget has no room for more.
        case outputClamped = "output_clamped"
        /// A filter leaves nothing of the price book.
        case nothingFound = "nothing_found"
        /// The verdict log begins later than a replay.
        case logMissing = "log_missing"
        /// A later version has written a part of the verdict log that a replay cannot read.
        case logUnread = "log_unread"
        /// A soft budget is used up.
        case overBudget = "over_budget"
        /// The team or the feature has another name now, or another place.
        case moved
        /// The event that is reported again was taken back, and stays so.
        case takenBack = "taken_back"

        /// What the report of a finished call may be told, rather than the question before it.
        package static let ofUsage: [Code] = [
            .unreadFields, .totalDiffers, .nullCounts, .partialStream, .unknownServiceTier, .nameGuessed,
            .unpriced, .moved,
        ]

        /// Whether it says of a usage object that nobody can price it.
        package var leavesUnpriced: Bool { self == .nullCounts || self == .partialStream }
    }

    package let code: Code
    package let message: String
    /// The fields that the warning is about, as paths in the usage object; empty for other warnings.
    package let fields: [String]
    /// The tokens by which a total differs; nil for other warnings.
    package let residualTokens: Int64?

    /// What it repeats of an object may contain NUL, which PostgreSQL cannot store.
    package init(_ code: Code, _ message: String, fields: [String] = [], residualTokens: Int64? = nil) {
        self.code = code
        self.message = message.replacing("\0", with: "\u{FFFD}")
        self.fields = fields.map { $0.replacing("\0", with: "\u{FFFD}") }
        self.residualTokens = residualTokens
    }
}
