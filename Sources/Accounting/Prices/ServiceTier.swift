/// The class of service a call was bought in; each may have rates of its own.
package enum ServiceTier: String, Sendable, CaseIterable {
    case standard, batch, flex, priority

    /// The place in `allCases`.
    var ordinal: Int {
        switch self {
        case .standard: 0
        case .batch: 1
        case .flex: 2
        case .priority: 3
        }
    }
}
