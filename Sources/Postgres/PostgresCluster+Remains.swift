import Glibc

extension PostgresCluster {
    /// Ends whatever of an earlier server still runs in the directory, and returns the lock that a new one inherits.
    ///
    /// Every process of a server keeps that lock's file open, so that the lock is free only when the last one has
    /// ended: also one of a server that was killed, or whose holder was, or that is in another container. The usual
    /// proof, `postmaster.pid`, says nothing certain once process ids are used again.
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
                // Without its main process the rest only has to notice; those that do not are told.
                if step.signal == SIGINT, deadline - .now < .seconds(55), processesInDirectory(mainOnly: true).isEmpty {
                    break
                }
            }
        }
        throw .stillRunning(directory: clusterDirectory)
    }

    /// A server that was killed leaves its process id behind. If some other process has it now, a new server would
    /// take that one for itself and not start.
    private func removeStaleProcessID(_ lock: DirectoryLock) throws(ClusterError) -> DirectoryLock {
        unlink("\(clusterDirectory)/postmaster.pid")
        return lock
    }

    /// The processes that work in the cluster directory: the server's, all of them.
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
