import Glibc
import PostgresTesting
import Testing

@testable import Postgres

@Suite(.serialized) struct ClusterDirectoryTests {
    @Test("a path too long for a socket gets a short directory, which is private and goes away") func longPath()
        async throws
    {
        try await ScratchCluster.withDirectory { parent in
            let directory = "\(parent)/\(String(repeating: "long/", count: 20))data"
            let cluster = PostgresCluster(dataDirectory: directory, settings: ScratchCluster.settings)
            defer { cluster.stop(.immediate) }
            try ScratchCluster.insert(1, try cluster.start())
            let note = try #require(FileSystem.read("\(directory)/socket-directory"))
            let socketDirectory = String(note.dropLast())
            let status = try #require(FileSystem.status(of: socketDirectory))
            #expect(status.st_mode & 0o777 == 0o700)
            cluster.stop()
            #expect(FileSystem.status(of: socketDirectory) == nil)
        }
    }

    @Test("the short directory is found again after a crash, unless others can enter it by now")
    func shortDirectoryIsRemembered() async throws {
        try await ScratchCluster.withDirectory { parent in
            let directory = "\(parent)/\(String(repeating: "long/", count: 20))data"
            try FileSystem.createDirectory(directory, mode: 0o711)
            let user = try ClusterUser.choose(clusterDirectory: "\(directory)/postgres")
            let first = try SocketDirectory.prepare(dataDirectory: directory, for: user)
            #expect(try SocketDirectory.prepare(dataDirectory: directory, for: user) == first)
            chmod(first, 0o755)
            let second = try SocketDirectory.prepare(dataDirectory: directory, for: user)
            #expect(second != first)
            SocketDirectory.removeShort(dataDirectory: directory)
            #expect(!FileSystem.exists(second))
            FileSystem.removeTree(first)
        }
    }

    @Test("a directory whose path has quotes, spaces or commas works", arguments: ["a 'b' \"c\\", "a,b"])
    func oddPath(name: String) async throws {
        try await ScratchCluster.withDirectory { parent in
            let cluster = PostgresCluster(dataDirectory: "\(parent)/\(name)", settings: ScratchCluster.settings)
            defer { cluster.stop(.immediate) }
            let connectionString = try cluster.start()
            try ScratchCluster.insert(1, connectionString)
            #expect(try ScratchCluster.values(connectionString) == [1])
        }
    }

    @Test("a directory that PostgreSQL's user cannot enter is named") func unreachable() async throws {
        try await ScratchCluster.withDirectory { parent in
            try FileSystem.createDirectory("\(parent)/closed/inner", mode: 0o755)
            chmod("\(parent)/closed", 0o700)
            let stranger = ClusterUser(name: "stranger", userID: 4_000_000_000, groupID: 4_000_000_000)
            let error = #expect(throws: ClusterError.self) { try stranger.checkCanEnter("\(parent)/closed/inner") }
            #expect(error == .unreachable(directory: "\(parent)/closed", user: "stranger"))
            try stranger.checkCanEnter(parent)
        }
    }
}
