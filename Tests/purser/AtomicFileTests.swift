import Foundation
import Testing

@testable import purser

@Suite struct AtomicFileTests {
    private func inFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "purser-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    private func names(_ folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    @Test("a file is replaced and nothing else is left behind")
    func replaces() throws {
        try inFolder { folder in
            let path = folder.appending(path: "report.csv").path
            try AtomicFile(path: path).write(Array("first".utf8))
            try AtomicFile(path: path).write(Array("second".utf8))
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "second")
            #expect(try names(folder) == ["report.csv"])
        }
    }

    @Test("a symbolic link stays one")
    func keepsLinks() throws {
        try inFolder { folder in
            let target = folder.appending(path: "target").path
            let link = folder.appending(path: "link").path
            try AtomicFile(path: target).write(Array("old".utf8))
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "target")
            try AtomicFile(path: link).write(Array("new".utf8))
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "target")
            #expect(try String(contentsOfFile: target, encoding: .utf8) == "new")
        }
    }

    @Test("a pipe is written to, not replaced")
    func keepsPipes() throws {
        try inFolder { folder in
            let path = folder.appending(path: "pipe").path
            #expect(mkfifo(path, 0o600) == 0)
            let reader = open(path, O_RDONLY | O_NONBLOCK)
            defer { close(reader) }
            // A pipe cannot be synced to disk. Its refusal is no failure.
            try AtomicFile(path: path).write(Array("data".utf8))
            var buffer = [UInt8](repeating: 0, count: 16)
            #expect(read(reader, &buffer, 16) == 4)
            #expect(try names(folder) == ["pipe"])
        }
    }

    @Test("a file that cannot be written is told and leaves nothing")
    func refused() throws {
        try inFolder { folder in
            let path = folder.appending(path: "no/such/file").path
            let failure = try #require(throws: CommandFailure.self) { try AtomicFile(path: path).write([1]) }
            #expect(failure.description == "Cannot write \(path): No such file or directory.")
            #expect(try names(folder) == [])
        }
    }
}
