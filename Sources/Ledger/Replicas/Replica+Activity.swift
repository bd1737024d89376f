import Postgres

/// Figures for metrics: the replica's PostgreSQL sessions and the wake-ups of its threads.
extension Replica {
    /// The sessions of each thread, and the sessions of the pool that lists and reports share.
    package var sessions: [SessionStatistics] {
        [writer.link, grants.link, heartbeats.link, control.link, listener.link, maintenance.link].map(\.statistics) + [
            database.statistics
        ]
    }

    package var threadSignals: [(name: String, signal: ThreadSignal)] {
        [
            ("writer", core.writerSignal), ("leases", core.leaseSignal), ("heartbeat", core.heartbeatSignal),
            ("control", core.controlSignal), ("maintenance", maintenance.signal),
        ]
    }
}
