import Glibc
import Postgres

/// A directory that the PostgreSQL server's user can enter, whichever user runs the tests.
package enum TemporaryDirectory {
    /// Where temporary directories are. In memory if there is room: a test's database is a thousand files, and on a disk a
    /// third of the tests' processor time goes into making and deleting them.
    package static let root: String = {
        var status = statvfs()
        let isThere = statvfs("/dev/shm", &status) == 0 && access("/dev/shm", W_OK) == 0
        return isThere && UInt64(status.f_bavail) * UInt64(status.f_frsize) >= roomBytes ? "/dev/shm" : "/tmp"
    }()
    private static let roomBytes: UInt64 = 4 << 30

    package static func create() -> String {
        var path = Array("\(root)/purser-test-XXXXXX".utf8CString)
        precondition(mkdtemp(&path) != nil, "no temporary directory: \(String(cString: strerror(errno)))")
        precondition(chmod(&path, 0o711) == 0)
        return String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    package static func remove(_ path: String) { FileSystem.removeTree(path) }
}
