import Accounting
import Synchronization

/// A configuration that requests share: a copy each would cost more than what they read in it.
package final class ConfigurationSnapshot: Sendable {
    package let configuration: Configuration

    init(_ configuration: Configuration) { self.configuration = configuration }
}

/// The snapshot of the configuration that the core acts on, made anew when that has changed.
final class CurrentSnapshot: Sendable {
    private let core: LockedCore
    private let last: Mutex<ConfigurationSnapshot>

    init(of core: LockedCore) {
        self.core = core
        last = Mutex(ConfigurationSnapshot(core.withLock { $0.desk.configuration }))
    }

    var value: ConfigurationSnapshot {
        let version = core.configurationVersion
        return last.withLock { last in
            if last.configuration.version != version {
                last = ConfigurationSnapshot(core.withLock { $0.desk.configuration })
            }
            return last
        }
    }
}
