import Glibc
import PostgresTesting
import Testing

@testable import Postgres

/// The tests run one after the other, because each starts a server.
@Suite(.serialized) struct ClusterTests {
    @Test("a new directory becomes a database, which is there again after a stop") func restart() async throws {
        try await ScratchCluster.with { cluster, connectionString in
            #expect(cluster.isRunning)
            #expect(try cluster.start() == connectionString)
            try ScratchCluster.insert(1, connectionString)
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
            #expect(try ScratchCluster.values(try cluster.start()) == [1])
            #expect(cluster.logTail().contains("ready to accept connections"))
        }
    }

    @Test("a second holder is refused, and told who the first one is") func secondHolder() async throws {
        try await ScratchCluster.with { cluster, connectionString in
            let second = PostgresCluster(dataDirectory: cluster.dataDirectory)
            let error = #expect(throws: ClusterError.self) { try second.start() }
            #expect(error == .held(directory: cluster.dataDirectory, processID: getpid()))
            #expect(error?.description.contains("process \(getpid())") == true)
            try ScratchCluster.insert(1, connectionString)
        }
    }

    @Test("a directory of a version that is not installed is left alone") func otherVersion() async throws {
        try await ScratchCluster.withDirectory { directory in
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
        try await ScratchCluster.withDirectory { directory in
            let cluster = PostgresCluster(dataDirectory: directory, settings: ["shared_buffers": "nonsense"])
            let error = #expect(throws: ClusterError.self) { try cluster.start() }
            #expect(error?.description.contains("shared_buffers") == true)
            let next = PostgresCluster(dataDirectory: directory, settings: ScratchCluster.settings)
            defer { next.stop(.immediate) }
            try ScratchCluster.insert(1, try next.start())
        }
    }
}
