/// The embedded PostgreSQL: a server of Purser's own in a data directory, reachable only over a Unix socket.
///
/// One process at a time holds the directory. The server ends when this process ends, however it ends. The next start
/// cleans up what a killed server or a killed holder left behind. All calls but `isRunning` block, so they are not for
/// cooperative threads.
package final class PostgresCluster: Sendable {
    package enum StopMode: Sendable {
        /// Ends the sessions and writes everything out.
        case fast
        /// Ends at once; the next start recovers. Nothing committed is lost.
        case immediate
    }

    /// What the first start determines; later starts of the server reuse it.
    struct Prepared: Sendable {
        let lock: DirectoryLock
        let installation: PostgresInstallation
        let user: ClusterUser
        let socketDirectory: String
    }

    struct State: Sendable {
        var prepared: Prepared?
        var serverProcessID: Int32?
        var isStopping = false
    }

    package let dataDirectory: String
    let settings: [String: String]
    let startTimeout: Duration
    /// Locked during every start and stop, so that only one runs at a time.
    let operations = Monitor(())
    let state = Monitor(State())

    /// - Parameters:
    ///   - settings: server settings, which replace or extend Purser's own.
    ///   - startTimeout: the limit of a start, including the recovery after a crash.
    package init(dataDirectory: String, settings: [String: String] = [:], startTimeout: Duration = .seconds(600)) {
        self.dataDirectory = FileSystem.absolute(dataDirectory)
        self.settings = settings
        self.startTimeout = startTimeout
    }

    /// Locks the directory, makes a cluster in it if there is none, and starts the server. Returns the connection
    /// string.
    package func start() throws(ClusterError) -> String {
        try operations.withLock { (_: inout Void) throws(ClusterError) -> String in
            if let prepared = current.prepared { return connectionString(prepared, database: Self.database) }
            let prepared = try prepare()
            state.withLock { state in
                state.prepared = prepared
                state.isStopping = false
            }
            do throws(ClusterError) {
                try launch(prepared)
                try createDatabase(prepared)
            } catch {
                halt(.fast)
                throw error
            }
            return connectionString(prepared, database: Self.database)
        }
    }

    /// Starts the server again if it has died. Returns whether it had died. Throws `.stopped` before a start and after
    /// a stop.
    @discardableResult package func ensureRunning() throws(ClusterError) -> Bool {
        try operations.withLock { (_: inout Void) throws(ClusterError) -> Bool in
            guard let prepared = current.prepared, !current.isStopping else { throw .stopped }
            if current.serverProcessID != nil { return false }
            try launch(prepared)
            return true
        }
    }

    /// Stops the server and releases the directory. A `fast` stop that takes longer than a minute becomes immediate.
    package func stop(_ mode: StopMode = .fast) {
        state.withLock { $0.isStopping = true }
        operations.withLock { (_: inout Void) in halt(mode) }
    }

    /// Whether the server process exists. It may still be recovering.
    package var isRunning: Bool { current.serverProcessID != nil }

    /// The server's process id while it runs.
    package var serverProcessID: Int32? { current.serverProcessID }

    /// The last lines the server logged.
    package func logTail() -> String {
        (FileSystem.read(logPath, lastBytes: 4_096) ?? "").trimmingTrailingNewlines
    }

    var current: State { state.withLock(wake: .none) { $0 } }
    var clusterDirectory: String { "\(dataDirectory)/postgres" }
    var logPath: String { "\(dataDirectory)/postgres.log" }
}
