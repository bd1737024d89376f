import Glibc

/// A file that is written completely or not at all.
struct AtomicFile {
    let path: String

    /// Writes a temporary file beside the target and renames it, so that a reader never sees a partial file. A target
    /// that is no regular file, such as a pipe, is written to directly, because a regular file must not replace it.
    func write(_ bytes: [UInt8]) throws(CommandFailure) {
        do throws(SystemFailure) {
            if try isReplaceable() {
                try replace(Self.target(of: path), with: bytes)
            } else {
                try Self.write(bytes, to: path, flags: O_WRONLY)
            }
        } catch {
            throw CommandFailure(.refused, "Cannot write \(path): \(error).")
        }
    }

    /// The same for what is written as it arrives: `body` gets the file to write to.
    func write(_ body: (FileDescriptor) async throws -> Void) async throws {
        do {
            guard try isReplaceable() else { return try await Self.write(to: path, flags: O_WRONLY, body) }
            let target = Self.target(of: path)
            let temporary = "\(target).\(getpid()).tmp"
            do {
                try await Self.write(to: temporary, flags: O_WRONLY | O_CREAT | O_EXCL, body)
                guard rename(temporary, target) == 0 else { throw SystemFailure(code: errno) }
            } catch {
                unlink(temporary)
                throw error
            }
        } catch let failure as SystemFailure {
            throw CommandFailure(.refused, "Cannot write \(path): \(failure).")
        }
    }

    private static func write(
        to path: String, flags: Int32, _ body: (FileDescriptor) async throws -> Void
    ) async throws {
        let descriptor = open(path, flags | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw SystemFailure(code: errno) }
        defer { close(descriptor) }
        try await body(FileDescriptor(descriptor))
        guard fsync(descriptor) == 0 || errno == EINVAL || errno == EROFS else { throw SystemFailure(code: errno) }
    }

    /// Whether a new file may replace this one. Names in `/dev` and `/proc` stand for open files and devices, whatever
    /// kind of file they lead to: renaming over `/dev/stdout` would break it for the whole machine. Only `/dev/shm` is a
    /// folder of ordinary files.
    private func isReplaceable() throws(SystemFailure) -> Bool {
        let isDevice = path.hasPrefix("/dev/") && !path.hasPrefix("/dev/shm/")
        if isDevice || path.hasPrefix("/proc/") { return false }
        var status = stat()
        guard stat(path, &status) == 0 else {
            guard errno == ENOENT else { throw SystemFailure(code: errno) }
            return true
        }
        return status.st_mode & S_IFMT == S_IFREG
    }

    /// The file that a symbolic link leads to. Replacing that file keeps the link.
    private static func target(of path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private func replace(_ target: String, with bytes: [UInt8]) throws(SystemFailure) {
        let temporary = "\(target).\(getpid()).tmp"
        do throws(SystemFailure) {
            try Self.write(bytes, to: temporary, flags: O_WRONLY | O_CREAT | O_EXCL)
            guard rename(temporary, target) == 0 else { throw SystemFailure(code: errno) }
        } catch {
            unlink(temporary)
            throw error
        }
    }

    private static func write(_ bytes: [UInt8], to path: String, flags: Int32) throws(SystemFailure) {
        let descriptor = open(path, flags | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw SystemFailure(code: errno) }
        defer { close(descriptor) }
        try FileDescriptor(descriptor).write(bytes)
        // Without `fsync` a crash may leave the new name without its content. Pipes and terminals refuse `fsync` and
        // need none.
        guard fsync(descriptor) == 0 || errno == EINVAL || errno == EROFS else { throw SystemFailure(code: errno) }
    }
}
