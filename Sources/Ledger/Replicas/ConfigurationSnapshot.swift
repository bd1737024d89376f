import Accounting
import Synchronization

/// A configuration that requests share. A copy for each request would cost more than the request's reads.
package final class ConfigurationSnapshot: Sendable {
    package let configuration: Configuration

    init(_ configuration: Configuration) { self.configuration = configuration }
}

/// Keeps one snapshot of the core's configuration.
final class CurrentSnapshot: Sendable {
    private struct State {
        var current: ConfigurationSnapshot
        /// The snapshots before, which requests that take longer may still use.
        var former: [ConfigurationSnapshot] = []
    }

    private static let keptCount = 2

    private let core: LockedCore
    private let state: Mutex<State>

    init(of core: LockedCore) {
        self.core = core
        state = Mutex(State(current: ConfigurationSnapshot(core.withLock { $0.engine.configuration })))
    }

    var value: ConfigurationSnapshot { state.withLock { $0.current } }

    /// Takes the core's configuration over. An old configuration is freed here, on the calling thread: to free a large
    /// one takes so long that no verdict should wait for it.
    func publish() {
        let next = ConfigurationSnapshot(core.withLock { $0.engine.configuration })
        let freed = state.withLock { state in
            state.former.append(state.current)
            state.current = next
            defer { state.former = state.former.suffix(Self.keptCount) }
            return state.former.dropLast(Self.keptCount).map(\.self)
        }
        withExtendedLifetime(freed) {}
    }
}
