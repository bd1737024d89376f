import Accounting
import Postgres
import Synchronization

/// This replica's core behind its lock, with a wake-up signal for each thread that sends the core's requests.
package final class LockedCore: Sendable {
    private let core: Mutex<ReplicaCore>
    private let version: Atomic<Int64>
    let leaseSignal = ThreadSignal()
    let writerSignal = ThreadSignal()
    let heartbeatSignal = ThreadSignal()
    let controlSignal = ThreadSignal()

    package init(_ core: consuming sending ReplicaCore) {
        version = Atomic(core.engine.configuration.version)
        self.core = Mutex(core)
    }

    package func withLock<Result>(_ body: (inout ReplicaCore) -> sending Result) -> sending Result {
        core.withLock { (core: inout ReplicaCore) -> sending Result in
            defer { version.store(core.engine.configuration.version, ordering: .releasing) }
            return body(&core)
        }
    }

    package var replicaID: Int64 { withLock { $0.engine.replicaID } }

    /// The version of the configuration that the core acts on. Every request reads it, so reading takes no lock.
    var configurationVersion: Int64 { version.load(ordering: .acquiring) }
}
