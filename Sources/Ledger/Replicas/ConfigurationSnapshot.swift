import Accounting
import Synchronization

/// A configuration that requests share. A copy for each request would cost more than the request's reads.
package final class ConfigurationSnapshot: Sendable {
    package let configuration: Configuration

    init(_ configuration: Configuration) { self.configuration = configuration }
}

/// Keeps one snapshot of the core's configuration and replaces it when the configuration's version has changed.
final class CurrentSnapshot: Sendable {
    private let core: LockedCore
    private let last: Mutex<ConfigurationSnapshot>

    init(of core: LockedCore) {
        self.core = core
        last = Mutex(ConfigurationSnapshot(core.withLock { $0.engine.configuration }))
    }

    var value: ConfigurationSnapshot {
        let version = core.configurationVersion
        return last.withLock { last in
            if last.configuration.version != version {
                last = ConfigurationSnapshot(core.withLock { $0.engine.configuration })
            }
            return last
        }
    }
}
