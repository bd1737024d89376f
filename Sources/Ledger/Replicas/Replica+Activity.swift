import Postgres

/// What a replica does to PostgreSQL and how often its threads wake, for metrics.
extension Replica {
    /// The sessions of each thread, and those that lists and reports share.
    package var sessions: [SessionStatistics] {
        [writer.link, rounds.link, control.link, listener.link].map(\.statistics) + [database.statistics]
    }

    package var doorbells: [(name: String, bell: Doorbell)] {
        [("writer", core.writerBell), ("leases", core.leaseBell), ("control", core.controlBell)]
    }
}
