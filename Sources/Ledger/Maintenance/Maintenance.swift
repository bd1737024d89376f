import Logging
import Postgres
import Synchronization

/// Does the maintenance of the shared database, on a thread and a connection of its own.
///
/// One replica does it at a time: the one that has the advisory lock. The lock belongs to the session, so it passes on
/// when that replica ends or loses its connection.
package final class Maintenance: Sendable {
    /// How often the other replicas try to take over. A random time, so that they do not all ask at once.
    private static let takeOverMilliseconds = 3_000...7_000
    /// A task that has more to do rests this many times as long as its portion took. So all maintenance together takes
    /// a fifth of one connection's time at the most, and half of it while a task is late.
    private static let restFactor = 4
    private static let restFactorOfLate = 1
    private static let shortestRest = Duration.milliseconds(20)

    let link: DatabaseLink
    let signal = ThreadSignal()
    package let tasks: [MaintenanceTask]
    private let log: Logger
    private let isClosed = Atomic(false)
    private let leads = Atomic(false)

    package init(connectionString: String, tasks: [MaintenanceTask], log: Logger) {
        link = DatabaseLink(connectionString: connectionString, name: "maintenance", limits: .maintenance)
        self.tasks = tasks
        self.log = log
    }

    /// Whether this replica does the maintenance.
    package var isLeader: Bool { leads.load(ordering: .relaxed) }

    package func close() {
        isClosed.store(true, ordering: .relaxed)
        signal.raise()
    }

    /// Starts the thread; it ends after `close()`, at the latest when the portion under way is done.
    package func start() -> DedicatedThread {
        DedicatedThread(name: "maintenance") { [self] in
            while !isClosed.load(ordering: .relaxed) {
                do {
                    try link.run { connection in
                        guard try takeOver(connection) else { return }
                        defer { leads.store(false, ordering: .relaxed) }
                        leads.store(true, ordering: .relaxed)
                        lead(connection)
                        try connection.execute("SELECT pg_advisory_unlock(\(AdvisoryLock.maintenance.rawValue), 0)")
                    }
                } catch {
                    log.debug("Maintenance waits for the database", metadata: ["error": "\(error)"])
                }
                if isClosed.load(ordering: .relaxed) { return }
                signal.wait(atMost: .milliseconds(Int.random(in: Self.takeOverMilliseconds)))
            }
        }
    }

    private func takeOver(_ connection: Connection) throws -> Bool {
        try connection.query("SELECT pg_try_advisory_lock(\(AdvisoryLock.maintenance.rawValue), 0)")[0].decode(at: 0)
    }

    /// Runs each task when it is due, until the connection is lost or the maintenance is closed.
    private func lead(_ connection: Connection) {
        var dueAt = tasks.map { _ in ContinuousClock.now }
        var isFailing = tasks.map { _ in false }
        while connection.isUsable, !isClosed.load(ordering: .relaxed) {
            guard let next = dueAt.indices.min(by: { dueAt[$0] < dueAt[$1] }) else { return }
            let wait = dueAt[next] - .now
            if wait > .zero {
                signal.wait(atMost: wait)
                continue
            }
            let begun = ContinuousClock.now
            let portion = run(tasks[next], connection, &isFailing[next])
            let took = ContinuousClock.now - begun
            tasks[next].statistics.note(portion, took: took)
            dueAt[next] = .now + Self.rest(after: portion, thatTook: took, unlessMore: tasks[next].pause)
        }
    }

    static func rest(
        after portion: MaintenanceTask.Portion?, thatTook took: Duration, unlessMore pause: Duration
    ) -> Duration {
        guard let portion, portion.hasMore else { return pause }
        return max(shortestRest, took * (portion.isLate ? restFactorOfLate : restFactor))
    }

    private func run(
        _ task: MaintenanceTask, _ connection: Connection, _ isFailing: inout Bool
    ) -> MaintenanceTask.Portion? {
        do {
            let portion = try task.run(connection)
            isFailing = false
            return portion
        } catch {
            // Others may have locked some of the rows. The next run tries again; one line tells of a row of failures.
            if !isFailing {
                log.warning("Maintenance failed", metadata: ["task": "\(task.name)", "error": "\(error)"])
            }
            isFailing = true
            return nil
        }
    }
}
