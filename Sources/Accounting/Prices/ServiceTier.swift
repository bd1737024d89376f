/// The class of service a call was bought in; each may have rates of its own.
package enum ServiceTier: String, Sendable, CaseIterable {
    case standard, batch, flex, priority
}
