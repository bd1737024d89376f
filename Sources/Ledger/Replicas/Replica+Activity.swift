import Postgres

/// Figures for metrics: the replica's PostgreSQL sessions and the wake-ups of its threads.
extension Replica {
    /// The sessions of each thread, and those of the pools.
    package var sessions: [SessionStatistics] {
        [writer.link, grants.link, heartbeats.link, control.link, listener.link, maintenance.link].map(\.statistics)
            + database.pools.map(\.statistics)
    }

    package var threadSignals: [(name: String, signal: ThreadSignal)] {
        [
            ("writer", core.writerSignal), ("leases", core.leaseSignal), ("heartbeat", core.heartbeatSignal),
            ("control", core.controlSignal), ("maintenance", maintenance.signal),
        ]
    }
}
