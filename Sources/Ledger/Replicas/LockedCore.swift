import Accounting
import Postgres
import Synchronization

/// The core of this replica behind its lock, with a bell for each of its threads.
package final class LockedCore: Sendable {
    private let core: Mutex<ReplicaCore>
    let leaseBell = Doorbell()
    let writerBell = Doorbell()
    let controlBell = Doorbell()

    package init(_ core: consuming sending ReplicaCore) { self.core = Mutex(core) }

    package func withLock<Result>(_ body: (inout ReplicaCore) -> sending Result) -> sending Result {
        core.withLock { (core: inout ReplicaCore) -> sending Result in body(&core) }
    }

    package var replicaID: Int64 { withLock { $0.desk.replicaID } }
}
