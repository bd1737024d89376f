import Glibc
import Postgres

extension DisposableServer {
    /// Limits the size of files that these processes, and those they start, write; nil removes the limit. As on a full
    /// disk, a write across the limit is cut short, and a write beyond it fails.
    package func limitFiles(of processIDs: [Int32], toBytes limit: Int64?) throws {
        guard let program = Command.find("prlimit") else {
            throw ClusterError.programMissing("prlimit (of util-linux)")
        }
        let size = limit.map(String.init) ?? "unlimited"
        for processID in processIDs {
            do {
                try user.command(program, ["--pid", "\(processID)", "--fsize=\(size):unlimited"]).output()
            } catch  where kill(processID, 0) == -1 && errno == ESRCH {
                // The process has ended meanwhile, as background processes do, and needs no limit any more.
            }
        }
    }

    /// The ids of the main process, which starts all others, and of the processes of sessions and background work.
    package func allProcessIDs() throws -> [Int32] {
        try (cluster.serverProcessID.map { [$0] } ?? []) + processIDs(where: "pid <> pg_backend_pid()")
    }
}
