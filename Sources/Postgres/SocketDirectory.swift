import Glibc

/// The directory of the Unix socket. It is private, because the database lets in everyone who can enter it.
enum SocketDirectory {
    private static let socketName = "/.s.PGSQL.5432"
    /// `sun_path` of a Unix socket address has 108 bytes, the last of them 0.
    private static let maximumPathBytes = 107

    /// Returns `socket` in the data directory. If that path does not fit, returns a short one, whose name a file in the
    /// data directory keeps.
    static func prepare(dataDirectory: String, for user: ClusterUser) throws(ClusterError) -> String {
        let ordinary = "\(dataDirectory)/socket"
        if fits(ordinary) {
            try FileSystem.createDirectory(ordinary, mode: 0o700)
            try user.own(ordinary, mode: 0o700)
            return ordinary
        }
        let note = "\(dataDirectory)/socket-directory"
        if let remembered = FileSystem.read(note)?.trimmingTrailingNewlines, isPrivate(remembered, to: user) {
            return remembered
        }
        let created = try createShort()
        try user.own(created, mode: 0o700)
        try FileSystem.write(created + "\n", to: note)
        return created
    }

    /// Whether a path is short enough and has no comma. libpq would split it into several hosts at a comma.
    static func fits(_ directory: String) -> Bool {
        directory.utf8.count + socketName.utf8.count <= maximumPathBytes && !directory.contains(",")
    }

    /// Removes the short directory, which nothing else removes.
    static func removeShort(dataDirectory: String) {
        let note = "\(dataDirectory)/socket-directory"
        guard let remembered = FileSystem.read(note)?.trimmingTrailingNewlines else { return }
        FileSystem.removeTree(remembered)
        unlink(note)
    }

    /// Anyone may create files in /tmp, so only a directory that belongs to the user, and to nobody else, is accepted.
    private static func isPrivate(_ directory: String, to user: ClusterUser) -> Bool {
        guard fits(directory), let status = FileSystem.status(of: directory, followingLinks: false) else {
            return false
        }
        return FileSystem.isDirectory(status) && status.st_uid == user.userID && status.st_mode & 0o077 == 0
    }

    private static func createShort() throws(ClusterError) -> String {
        var path = Array("/tmp/purser-XXXXXX".utf8CString)
        guard mkdtemp(&path) != nil else { throw FileSystem.failure("create", "/tmp/purser-XXXXXX") }
        return String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
