import Glibc
import Postgres

extension DisposableServer {
    /// Runs `body` with a synchronous standby of this server. The replication between the two goes through the proxy.
    package func withSynchronousStandby(
        _ body: (_ standby: DisposableServer, _ replication: ProtocolProxy) async throws -> Void
    ) async throws {
        let directory = TemporaryDirectory.create()
        defer { TemporaryDirectory.remove(directory) }
        let replication = try ProtocolProxy(to: database.connectionString)
        defer { replication.close() }
        try copy(to: "\(directory)/postgres", through: replication)
        let standby = try Self.start(in: directory)
        defer { standby.cluster.stop(.immediate) }
        try alterSystem("synchronous_standby_names = 'standby'")
        let connection = try database.connect()
        while try connection.query("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'").isEmpty {
            usleep(10_000)
        }
        try await body(standby, replication)
    }

    private func copy(to directory: String, through replication: ProtocolProxy) throws {
        try FileSystem.createDirectory(directory, mode: 0o700)
        try user.own(directory, mode: 0o700)
        let program = try PostgresInstallation.find(version: nil).path(of: "pg_basebackup")
        try user.command(
            program,
            [
                "--pgdata", directory, "--write-recovery-conf", "--checkpoint", "fast", "--no-sync", "--dbname",
                "\(replication.connectionString) application_name=standby",
            ]
        ).output()
    }

    /// Promotes this standby to the primary.
    package func promote() throws {
        let isPromoted = try database.connect().query("SELECT pg_promote()")[0].decode(Bool.self, at: 0)
        precondition(isPromoted, "the standby was not promoted within a minute")
    }
}
