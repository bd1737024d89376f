import Glibc

extension PostgresCluster {
    /// Ends the processes of an earlier server that still run in the directory, and returns the lock that a new server
    /// inherits.
    ///
    /// Every process of a server keeps the lock's file open, so the lock is free only when the last process has ended.
    /// This also holds if the server or the process that started it was killed, or if the server is in another
    /// container. `postmaster.pid`, the usual proof, is unreliable once process ids are reused.
    func endRemains() throws(ClusterError) -> DirectoryLock {
        let path = "\(dataDirectory)/postgres.lock"
        if let lock = try DirectoryLock.take(path, mode: 0o600) { return try removeStaleProcessID(lock) }
        let steps: [(signal: Int32, wait: Duration)] = [
            (SIGINT, .seconds(60)), (SIGQUIT, .seconds(10)), (SIGKILL, .seconds(10)),
        ]
        for step in steps {
            for processID in processesInDirectory(mainOnly: step.signal == SIGINT) { kill(processID, step.signal) }
            let deadline = ContinuousClock.now + step.wait
            while ContinuousClock.now < deadline {
                usleep(20_000)
                if let lock = try DirectoryLock.take(path, mode: 0o600) { return try removeStaleProcessID(lock) }
                // Once the main process has ended, the others should notice and end. Those that have not after 5
                // seconds get the next signal.
                if step.signal == SIGINT, deadline - .now < .seconds(55), processesInDirectory(mainOnly: true).isEmpty {
                    break
                }
            }
        }
        throw .stillRunning(directory: clusterDirectory)
    }

    /// A killed server leaves its process id in `postmaster.pid`. If another process has that id now, a new server
    /// would mistake it for a running server and not start.
    private func removeStaleProcessID(_ lock: DirectoryLock) throws(ClusterError) -> DirectoryLock {
        unlink("\(clusterDirectory)/postmaster.pid")
        return lock
    }

    /// The processes whose working directory is the cluster directory: all processes of the server, or only its main
    /// process.
    private func processesInDirectory(mainOnly: Bool) -> [pid_t] {
        let main = FileSystem.read("\(clusterDirectory)/postmaster.pid")?.split(separator: "\n").first.flatMap {
            pid_t($0)
        }
        return FileSystem.entries(of: "/proc").compactMap { pid_t($0) }.filter { processID in
            guard !mainOnly || processID == main else { return false }
            var target = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
            guard readlink("/proc/\(processID)/cwd", &target, target.count - 1) > 0 else { return false }
            return target.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } } == clusterDirectory
        }
    }
}
