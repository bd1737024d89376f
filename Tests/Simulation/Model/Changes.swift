import Accounting

/// What was changed since the last look: only there a promise can have been broken.
struct Changes {
    var windows: Set<Int64> = []
    var leases: Set<SimulatedDatabase.LeaseKey> = []
    var ends: Set<HoldID> = []
    /// The indices of replicas whose state or books have changed.
    var replicas: Set<Int> = []

    mutating func formUnion(_ others: Changes) {
        windows.formUnion(others.windows)
        leases.formUnion(others.leases)
        ends.formUnion(others.ends)
        replicas.formUnion(others.replicas)
    }
}
