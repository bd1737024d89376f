import Postgres
import Synchronization

/// One kind of maintenance of the shared database, done in bounded portions by one replica at a time.
package struct MaintenanceTask: Sendable {
    /// What one portion has done.
    package struct Portion: Sendable {
        let rows: Int
        /// Whether more is due at once.
        let hasMore: Bool
        /// Whether what is due has waited so long that others notice.
        let isLate: Bool

        package init(rows: Int, hasMore: Bool = false, isLate: Bool = false) {
            self.rows = rows
            self.hasMore = hasMore
            self.isLate = isLate
        }
    }

    /// The task's name in metrics and logs.
    let name: String
    /// How long the task rests when nothing is left to do.
    let pause: Duration
    let run: @Sendable (Connection) throws -> Portion
    package let statistics: Statistics

    package init(_ name: String, every pause: Duration, _ run: @escaping @Sendable (Connection) throws -> Portion) {
        self.name = name
        self.pause = pause
        self.run = run
        statistics = Statistics(name: name)
    }

    /// The task's figures for metrics, since the start of the server.
    package final class Statistics: Sendable {
        package let name: String
        private let state = Mutex((portions: Int64(0), rows: Int64(0), failures: Int64(0), spent: Duration.zero))

        init(name: String) { self.name = name }

        package var portions: Int64 { state.withLock { $0.portions } }
        package var rows: Int64 { state.withLock { $0.rows } }
        package var failures: Int64 { state.withLock { $0.failures } }
        /// The time that all portions took together.
        package var spent: Duration { state.withLock { $0.spent } }

        func note(_ portion: Portion?, took: Duration) {
            state.withLock {
                $0.portions += 1
                $0.rows += Int64(portion?.rows ?? 0)
                $0.failures += portion == nil ? 1 : 0
                $0.spent += took
            }
        }
    }
}
