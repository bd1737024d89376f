/// The class of service a call was bought in; each may have rates of its own.
package enum ServiceTier: String, Sendable, CaseIterable {
    case standard, batch, flex, priority, fast, ultrafast

    /// The place in `allCases`.
    var ordinal: Int {
        switch self {
        case .standard: 0
        case .batch: 1
        case .flex: 2
        case .priority: 3
        case .fast: 4
        case .ultrafast: 5
        }
    }

    /// The tier whose rates come before the standard ones if this tier has no rates of its own. The tier that Anthropic
    /// sells as its fast mode is another name for priority at OpenAI.
    var substitute: ServiceTier? { self == .fast ? .priority : nil }
}
