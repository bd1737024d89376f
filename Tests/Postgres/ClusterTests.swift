import Glibc
import PostgresTesting
import Testing

@testable import Postgres

/// One after the other: each starts a server.
@Suite(.serialized) struct ClusterTests {
    private static let settings = ["fsync": "off", "shared_buffers": "16MB"]

    private func withDirectory(_ body: (String) async throws -> Void) async throws {
        let directory = TemporaryDirectory.create()
        defer { TemporaryDirectory.remove(directory) }
        try await body(directory)
    }

    private func withCluster(_ body: (PostgresCluster, String) async throws -> Void) async throws {
        try await withDirectory { directory in
            let cluster = PostgresCluster(dataDirectory: directory, settings: Self.settings)
            defer { cluster.stop(.immediate) }
            let connectionString = try cluster.start()
            try await body(cluster, connectionString)
        }
    }

    private func insert(_ value: Int, _ connectionString: String) throws {
        let connection = try Connection(connectionString: connectionString)
        try connection.executeScript("CREATE TABLE IF NOT EXISTS t (x int8)")
        try connection.execute("INSERT INTO t VALUES (\(value))")
    }

    private func values(_ connectionString: String) throws -> [Int] {
        let rows = try Connection(connectionString: connectionString).query("SELECT x FROM t ORDER BY x")
        return try rows.map { row throws in try row.decode(Int.self, at: 0) }
    }

    @Test("a new directory becomes a database, which is there again after a stop") func restart() async throws {
        try await withCluster { cluster, connectionString in
            #expect(cluster.isRunning)
            #expect(try cluster.start() == connectionString)
            try insert(1, connectionString)
            let settings = try Connection(connectionString: connectionString).query(
                """
                SELECT name, setting FROM pg_settings WHERE name IN
                    ('listen_addresses', 'data_checksums', 'server_encoding', 'synchronous_commit', 'TimeZone')
                """)
            let byName = try settings.map { row throws in try row.decode((String, String).self) }
            #expect(
                Dictionary(uniqueKeysWithValues: byName) == [
                    "listen_addresses": "", "data_checksums": "on", "server_encoding": "UTF8",
                    "synchronous_commit": "on", "TimeZone": "UTC",
                ])
            cluster.stop()
            #expect(!cluster.isRunning)
            #expect(throws: ClusterError.stopped) { try cluster.ensureRunning() }
            #expect(try values(try cluster.start()) == [1])
            #expect(cluster.logTail().contains("ready to accept connections"))
        }
    }

    @Test("a second holder is refused, and told who the first one is") func secondHolder() async throws {
        try await withCluster { cluster, connectionString in
            let second = PostgresCluster(dataDirectory: cluster.dataDirectory)
            let error = #expect(throws: ClusterError.self) { try second.start() }
            #expect(error == .held(directory: cluster.dataDirectory, processID: getpid()))
            #expect(error?.description.contains("process \(getpid())") == true)
            try insert(1, connectionString)
        }
    }

    @Test("a server that was killed is started again, with everything that was committed") func serverKilled()
        async throws
    {
        try await withCluster { cluster, connectionString in
            try insert(1, connectionString)
            #expect(try cluster.ensureRunning() == false)
            let killed = try #require(cluster.serverProcessID)
            kill(killed, SIGKILL)
            while cluster.isRunning { usleep(1_000) }
            #expect(try cluster.ensureRunning())
            #expect(cluster.serverProcessID != killed)
            #expect(try values(connectionString) == [1])
        }
    }

    @Test("a stale process id that now is another process's does not hinder a start") func staleProcessID() async throws
    {
        try await withCluster { cluster, connectionString in
            try insert(1, connectionString)
            cluster.stop()
            try FileSystem.write(
                "1\n\(cluster.clusterDirectory)\n0\n5432\n", to: "\(cluster.clusterDirectory)/postmaster.pid")
            #expect(try values(try cluster.start()) == [1])
        }
    }

    @Test("when the holder is killed its server ends, and the next holder finds everything") func holderKilled()
        async throws
    {
        try await withDirectory { directory in
            await #expect(processExitsWith: .signal(SIGKILL)) { [directory = directory as String] in
                let cluster = PostgresCluster(dataDirectory: directory, settings: ["shared_buffers": "16MB"])
                let connection = try Connection(connectionString: try cluster.start())
                try connection.executeScript("CREATE TABLE t (x int8); INSERT INTO t VALUES (1)")
                kill(getpid(), SIGKILL)
                pause()
            }
            let deadline = ContinuousClock.now + .seconds(30)
            while try DirectoryLock.take("\(directory)/postgres.lock") == nil, ContinuousClock.now < deadline {
                usleep(10_000)
            }
            #expect(ContinuousClock.now < deadline, "the server outlived the one who started it")
            let next = PostgresCluster(dataDirectory: directory, settings: Self.settings)
            defer { next.stop(.immediate) }
            #expect(try values(try next.start()) == [1])
        }
    }

    @Test("a server that outlived its holder is stopped by the next one") func orphan() async throws {
        try await withCluster { cluster, connectionString in
            try insert(1, connectionString)
            cluster.stop()
            let orphan = try spawnOrphan(cluster)
            while (try? values(connectionString)) == nil { usleep(10_000) }
            let session = try Connection(connectionString: connectionString)
            let next = PostgresCluster(dataDirectory: cluster.dataDirectory, settings: Self.settings)
            defer { next.stop(.immediate) }
            #expect(try values(try next.start()) == [1])
            #expect(next.serverProcessID != orphan)
            #expect(session.noticeClosing())
            #expect(waitpid(orphan, nil, WNOHANG) == orphan)
        }
    }

    /// Starts a server the way `launch` does, but without the signal at our death, and lets go of the directory.
    private func spawnOrphan(_ cluster: PostgresCluster) throws -> pid_t {
        let prepared = try cluster.prepare()
        let running = try cluster.endRemains()
        var command = try prepared.user.command(
            prepared.installation.path(of: "postgres"), cluster.serverArguments(prepared))
        command.workingDirectory = cluster.clusterDirectory
        command.inheritedFile = running.file
        return try command.spawn()
    }

    @Test("a path too long for a socket gets a short directory, which is private and goes away") func longPath()
        async throws
    {
        try await withDirectory { parent in
            let directory = "\(parent)/\(String(repeating: "long/", count: 20))data"
            let cluster = PostgresCluster(dataDirectory: directory, settings: Self.settings)
            defer { cluster.stop(.immediate) }
            try insert(1, try cluster.start())
            let note = try #require(FileSystem.read("\(directory)/socket-directory"))
            let socketDirectory = String(note.dropLast())
            let status = try #require(FileSystem.status(of: socketDirectory))
            #expect(status.st_mode & 0o777 == 0o700)
            // After a crash of everything the remembered directory is used again.
            let server = try #require(cluster.serverProcessID)
            kill(server, SIGKILL)
            while cluster.isRunning { usleep(1_000) }
            try cluster.ensureRunning()
            cluster.stop()
            #expect(FileSystem.status(of: socketDirectory) == nil)
        }
    }

    @Test("a directory whose path has quotes, spaces or commas works", arguments: ["a 'b' \"c\\", "a,b"])
    func oddPath(name: String) async throws {
        try await withDirectory { parent in
            let cluster = PostgresCluster(dataDirectory: "\(parent)/\(name)", settings: Self.settings)
            defer { cluster.stop(.immediate) }
            let connectionString = try cluster.start()
            try insert(1, connectionString)
            #expect(try values(connectionString) == [1])
        }
    }

    @Test("a directory that PostgreSQL's user cannot enter is named") func unreachable() async throws {
        try await withDirectory { parent in
            try FileSystem.createDirectory("\(parent)/closed/inner", mode: 0o755)
            chmod("\(parent)/closed", 0o700)
            let stranger = ClusterUser(name: "stranger", userID: 4_000_000_000, groupID: 4_000_000_000)
            let error = #expect(throws: ClusterError.self) { try stranger.checkCanEnter("\(parent)/closed/inner") }
            #expect(error == .unreachable(directory: "\(parent)/closed", user: "stranger"))
            try stranger.checkCanEnter(parent)
        }
    }

    @Test("a directory of a version that is not installed is left alone") func otherVersion() async throws {
        try await withDirectory { directory in
            try FileSystem.createDirectory("\(directory)/postgres", mode: 0o700)
            try FileSystem.write("9\n", to: "\(directory)/postgres/PG_VERSION")
            let cluster = PostgresCluster(dataDirectory: directory)
            let error = #expect(throws: ClusterError.self) { try cluster.start() }
            guard case .versionMissing(needed: 9, _) = error else {
                Issue.record("not the expected error: \(String(describing: error))")
                return
            }
            #expect(FileSystem.entries(of: "\(directory)/postgres") == ["PG_VERSION"])
        }
    }

    @Test("a server that does not start is told with its log, and lets go of the directory") func badSetting()
        async throws
    {
        try await withDirectory { directory in
            let cluster = PostgresCluster(dataDirectory: directory, settings: ["shared_buffers": "nonsense"])
            let error = #expect(throws: ClusterError.self) { try cluster.start() }
            #expect(error?.description.contains("shared_buffers") == true)
            let next = PostgresCluster(dataDirectory: directory, settings: Self.settings)
            defer { next.stop(.immediate) }
            try insert(1, try next.start())
        }
    }

    @Test("a commit whose wait for synchronous replication was cancelled is an unknown outcome", arguments: [0, 1, 2])
    func cancelledSynchronousWait(way: Int) async throws {
        try await withCluster { cluster, connectionString in
            let connection = try Connection(connectionString: connectionString)
            try connection.executeScript("CREATE TABLE t (x int8)")
            try connection.executeScript("ALTER SYSTEM SET synchronous_standby_names = 'absent'")
            let observer = try Connection(connectionString: connectionString)
            try observer.executeScript("SELECT pg_reload_conf()")
            while try connection.query("SHOW synchronous_standby_names")[0].decode(String.self, at: 0) == "" {
                usleep(10_000)
            }
            let backend = connection.backendProcessID
            let canceller = DedicatedThread(name: "canceller") {
                guard let other = try? Connection(connectionString: connectionString) else { return }
                let cancel: SQL = """
                    SELECT pg_cancel_backend(pid) FROM pg_stat_activity
                    WHERE pid = \(backend) AND wait_event = 'SyncRep'
                    """
                while (try? other.query(cancel).count) == 0 { usleep(10_000) }
            }
            let error = try #require(throws: PostgresError.self) {
                switch way {
                case 0: try connection.transaction { try $0.execute("INSERT INTO t VALUES (\(1))") }
                case 1: _ = try connection.pipeline(["INSERT INTO t VALUES (\(1))", "SELECT 1"])
                default: try connection.execute("INSERT INTO t VALUES (\(1))")
                }
            }
            await canceller.ended()
            #expect(error.kind == .unknownOutcome)
            #expect(try values(connectionString) == [1])
        }
    }
}
