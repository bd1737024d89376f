import Glibc
import Postgres

/// A directory under /tmp that the PostgreSQL server's user can enter, whichever user runs the tests.
package enum TemporaryDirectory {
    package static func create() -> String {
        var path = Array("/tmp/purser-test-XXXXXX".utf8CString)
        precondition(mkdtemp(&path) != nil, "no temporary directory: \(String(cString: strerror(errno)))")
        precondition(chmod(&path, 0o711) == 0)
        return String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    package static func remove(_ path: String) { FileSystem.removeTree(path) }
}
