import Accounting
import Postgres
import Synchronization

/// The core of this replica behind its lock, with a bell for each of its threads.
package final class LockedCore: Sendable {
    private let core: Mutex<ReplicaCore>
    private let version: Atomic<Int64>
    let leaseBell = Doorbell()
    let writerBell = Doorbell()
    let controlBell = Doorbell()

    package init(_ core: consuming sending ReplicaCore) {
        version = Atomic(core.desk.configuration.version)
        self.core = Mutex(core)
    }

    package func withLock<Result>(_ body: (inout ReplicaCore) -> sending Result) -> sending Result {
        core.withLock { (core: inout ReplicaCore) -> sending Result in
            defer { version.store(core.desk.configuration.version, ordering: .releasing) }
            return body(&core)
        }
    }

    package var replicaID: Int64 { withLock { $0.desk.replicaID } }

    /// Of the configuration it acts on; every request asks, so no lock is taken.
    var configurationVersion: Int64 { version.load(ordering: .acquiring) }
}
