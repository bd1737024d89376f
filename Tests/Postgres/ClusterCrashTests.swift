import Glibc
import PostgresTesting
import Testing

@testable import Postgres

/// What remains after a crash of the server or of the process that started it.
@Suite(.serialized) struct ClusterCrashTests {
    @Test("a server that was killed is started again, with everything that was committed") func serverKilled()
        async throws
    {
        try await ScratchCluster.with { cluster, connectionString in
            try ScratchCluster.insert(1, connectionString)
            #expect(try cluster.ensureRunning() == false)
            let killed = try #require(cluster.serverProcessID)
            kill(killed, SIGKILL)
            while cluster.isRunning { usleep(1_000) }
            #expect(try cluster.ensureRunning())
            #expect(cluster.serverProcessID != killed)
            #expect(try ScratchCluster.values(connectionString) == [1])
        }
    }

    @Test("a stale process id that now is another process's does not hinder a start") func staleProcessID() async throws
    {
        try await ScratchCluster.with { cluster, connectionString in
            try ScratchCluster.insert(1, connectionString)
            cluster.stop()
            // A process of the same user. A server cannot tell it from one of its own.
            try await TestDatabase.with { database in
                let other = try database.connect()
                let stale = "\(other.backendProcessID)\n\(cluster.clusterDirectory)\n0\n5432\n"
                try FileSystem.write(stale, to: "\(cluster.clusterDirectory)/postmaster.pid")
                #expect(try ScratchCluster.values(try cluster.start()) == [1])
                #expect(other.isUsable)
            }
        }
    }

    @Test("when the holder is killed its server ends, and the next holder finds everything") func holderKilled()
        async throws
    {
        try await ScratchCluster.withDirectory { directory in
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
            let next = PostgresCluster(dataDirectory: directory, settings: ScratchCluster.settings)
            defer { next.stop(.immediate) }
            #expect(try ScratchCluster.values(try next.start()) == [1])
        }
    }

    @Test("a server that outlived its holder is stopped by the next one") func orphan() async throws {
        try await ScratchCluster.with { cluster, connectionString in
            try ScratchCluster.insert(1, connectionString)
            cluster.stop()
            let orphan = try spawnOrphan(cluster)
            while (try? ScratchCluster.values(connectionString)) == nil { usleep(10_000) }
            let session = try Connection(connectionString: connectionString)
            let next = PostgresCluster(dataDirectory: cluster.dataDirectory, settings: ScratchCluster.settings)
            defer { next.stop(.immediate) }
            #expect(try ScratchCluster.values(try next.start()) == [1])
            #expect(next.serverProcessID != orphan)
            #expect(session.noticeClosing())
            #expect(waitpid(orphan, nil, WNOHANG) == orphan)
        }
    }

    /// Starts a server as `launch` does, but without the signal at the death of this process, and releases the
    /// directory.
    private func spawnOrphan(_ cluster: PostgresCluster) throws -> pid_t {
        let prepared = try cluster.prepare()
        let running = try cluster.endRemains()
        var command = try prepared.user.command(
            prepared.installation.path(of: "postgres"), cluster.serverArguments(prepared))
        command.workingDirectory = cluster.clusterDirectory
        command.inheritedFile = running.file
        return try command.spawn()
    }
}
