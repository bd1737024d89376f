import CPostgres
import Glibc

extension PostgresCluster {
    /// Starts the server and waits until it takes connections.
    func launch(_ prepared: Prepared) throws(ClusterError) {
        let running = try endRemains()
        let log = try openLog()
        defer { close(log) }
        var command = try prepared.user.command(
            prepared.installation.path(of: "postgres"), serverArguments(prepared), endsWithUs: true)
        command.workingDirectory = clusterDirectory
        command.outputFile = log
        command.inheritedFile = running.file
        try spawn(command)
        try waitUntilReady(prepared)
    }

    /// Spawns the server on a thread that lives as long as the server. The kernel sends the server its parent-death
    /// signal when the thread that spawned it ends (PR_SET_PDEATHSIG in prctl(2)).
    private func spawn(_ command: Command) throws(ClusterError) {
        let started = Monitor<Result<pid_t, ClusterError>?>(nil)
        _ = DedicatedThread(name: "postgres") { [state] in
            do throws(ClusterError) {
                let processID = try command.spawn()
                state.withLock { $0.serverProcessID = processID }
                started.withLock { $0 = .success(processID) }
                _ = Command.wait(for: processID)
                state.withLock { $0.serverProcessID = nil }
            } catch {
                started.withLock { $0 = .failure(error) }
            }
        }
        if let result = started.wait(for: { $0 }) { _ = try result.get() }
    }

    private func waitUntilReady(_ prepared: Prepared) throws(ClusterError) {
        let deadline = ContinuousClock.now + startTimeout
        let server = connectionString(prepared, database: "postgres")
        while ContinuousClock.now < deadline {
            if PQping(server) == PQPING_OK { return }
            guard isRunning else { throw .serverFailed(log: logTail()) }
            let isStopping = state.wait(until: .now + .milliseconds(20)) { state in
                state.isStopping || state.serverProcessID == nil ? state.isStopping : nil
            }
            if isStopping == true { throw .stopped }
        }
        throw .serverSilent(seconds: startTimeout.components.seconds, log: logTail())
    }

    func createDatabase(_ prepared: Prepared) throws(ClusterError) {
        do throws(PostgresError) {
            let connection = try Connection(connectionString: connectionString(prepared, database: "postgres"))
            let found = try connection.query("SELECT 1 FROM pg_database WHERE datname = \(Self.database)")
            if found.isEmpty { try connection.executeScript("CREATE DATABASE \(Self.database)") }
        } catch {
            throw .database(error.kind, details: error.debugDescription)
        }
    }

    /// Stops the server if it runs, and releases the directory.
    func halt(_ mode: StopMode) {
        let steps: [(signal: Int32, wait: Duration)] = [
            (mode == .fast ? SIGINT : SIGQUIT, .seconds(mode == .fast ? 60 : 10)), (SIGQUIT, .seconds(10)),
            (SIGKILL, .seconds(10)),
        ]
        for step in steps {
            guard let processID = current.serverProcessID else { break }
            kill(processID, step.signal)
            _ = state.wait(until: .now + step.wait) { $0.serverProcessID == nil ? true : nil }
        }
        if current.prepared != nil { SocketDirectory.removeShort(dataDirectory: dataDirectory) }
        state.withLock { $0.prepared = nil }
    }

    /// Opens the server's log; a log larger than 16 MiB is renamed first. The server logs little (see its
    /// configuration), so one old file is enough.
    private func openLog() throws(ClusterError) -> Int32 {
        let limitBytes = 16 * 1024 * 1024
        if let status = FileSystem.status(of: logPath), status.st_size > limitBytes { rename(logPath, logPath + ".1") }
        return try FileSystem.openFile(logPath, O_WRONLY | O_CREAT | O_APPEND, mode: 0o640)
    }
}
