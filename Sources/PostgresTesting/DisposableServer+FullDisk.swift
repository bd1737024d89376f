import Glibc
import Postgres

extension DisposableServer {
    /// Lets files written by these processes, and by those they start, grow no further than so many bytes; nil: as far
    /// as they like. A write across the limit is cut short, as on a full disk, and one beyond it fails.
    package func limitFiles(of processIDs: [Int32], toBytes limit: Int64?) throws {
        guard let program = Command.find("prlimit") else {
            throw ClusterError.programMissing("prlimit (of util-linux)")
        }
        let size = limit.map(String.init) ?? "unlimited"
        for processID in processIDs {
            do {
                try user.command(program, ["--pid", "\(processID)", "--fsize=\(size):unlimited"]).output()
            } catch  where kill(processID, 0) == -1 && errno == ESRCH {
                // It has ended meanwhile, as upkeep does, and needs no limit any more.
            }
        }
    }

    /// Main process, which starts all others, and those of sessions and upkeep.
    package func allProcessIDs() throws -> [Int32] {
        try (cluster.serverProcessID.map { [$0] } ?? []) + processIDs(where: "pid <> pg_backend_pid()")
    }
}
