import Synchronization

/// Counts the statements that the sessions of one purpose have sent since the process began, over all their
/// connections.
package final class SessionStatistics: Sendable {
    /// The name in metrics.
    package let name: String
    private let statements = Atomic<Int64>(0)

    package init(name: String) { self.name = name }

    package var statementCount: Int64 { statements.load(ordering: .relaxed) }

    func countStatement() { statements.wrappingAdd(1, ordering: .relaxed) }
}
