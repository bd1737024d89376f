import Glibc

/// The file operations that the cluster needs. Their errors name the file.
package enum FileSystem {
    static func entries(of directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    static func status(of path: String, followingLinks: Bool = true) -> stat? {
        var status = stat()
        let result = followingLinks ? stat(path, &status) : lstat(path, &status)
        return result == 0 ? status : nil
    }

    static func exists(_ path: String) -> Bool { status(of: path) != nil }
    static func isExecutable(_ path: String) -> Bool { access(path, X_OK) == 0 }

    static func isDirectory(_ status: stat) -> Bool { status.st_mode & S_IFMT == S_IFDIR }

    /// Reads at most the last `limit` bytes of a file; nil if it cannot be read.
    static func read(_ path: String, lastBytes limit: Int = 65_536) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        let size = Int(lseek(file, 0, SEEK_END))
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = pread(file, &bytes, limit, off_t(max(0, size - limit)))
        guard count >= 0 else { return nil }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    static func write(_ text: String, to path: String, flags: Int32 = O_TRUNC) throws(ClusterError) {
        let file = try openFile(path, O_WRONLY | O_CREAT | flags)
        defer { close(file) }
        let bytes = Array(text.utf8)
        guard Glibc.write(file, bytes, bytes.count) == bytes.count else { throw failure("write", path) }
    }

    static func openFile(_ path: String, _ flags: Int32, mode: mode_t = 0o600) throws(ClusterError) -> Int32 {
        let file = open(path, flags | O_CLOEXEC, mode)
        guard file >= 0 else { throw failure("open", path) }
        return file
    }

    /// Creates a directory and its missing parents.
    package static func createDirectory(_ path: String, mode: mode_t) throws(ClusterError) {
        if let status = status(of: path), isDirectory(status) { return }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try createDirectory(String(path[..<slash]), mode: 0o755)
        }
        guard mkdir(path, mode) == 0 || errno == EEXIST else { throw failure("create", path) }
    }

    /// The absolute path, with symbolic links resolved in the part that exists.
    static func absolute(_ path: String) -> String {
        if let resolved = realpath(path, nil) {
            defer { free(resolved) }
            return String(cString: resolved)
        }
        guard path != "/", path != "." else { return path }
        let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        guard let slash = trimmed.lastIndex(of: "/") else { return "\(absolute("."))/\(trimmed)" }
        let parent = slash == trimmed.startIndex ? "/" : absolute(String(trimmed[..<slash]))
        return "\(parent == "/" ? "" : parent)/\(trimmed[trimmed.index(after: slash)...])"
    }

    package static func removeTree(_ path: String) {
        if let status = status(of: path, followingLinks: false), isDirectory(status) {
            for name in entries(of: path) { removeTree("\(path)/\(name)") }
            rmdir(path)
        } else {
            unlink(path)
        }
    }

    static func failure(_ action: String, _ path: String) -> ClusterError {
        .file(path: path, action: action, reason: String(cString: strerror(errno)))
    }
}
