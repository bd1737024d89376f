import Glibc

/// An exclusive `flock` on a file, held until it is released or the process ends, however it ends.
final class DirectoryLock: Sendable {
    let file: Int32

    private init(file: Int32) { self.file = file }

    deinit { close(file) }

    /// nil if someone else holds it.
    static func take(_ path: String, mode: mode_t = 0o644) throws(ClusterError) -> DirectoryLock? {
        let file = try FileSystem.openFile(path, O_RDWR | O_CREAT, mode: mode)
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            close(file)
            errno = reason
            guard reason == EWOULDBLOCK else { throw FileSystem.failure("lock", path) }
            return nil
        }
        return DirectoryLock(file: file)
    }

    /// Takes the lock of a data directory and leaves our process id in it, for the next one who tries.
    static func hold(_ directory: String) throws(ClusterError) -> DirectoryLock {
        let path = "\(directory)/purser.lock"
        guard let lock = try take(path) else {
            let holder = FileSystem.read(path).flatMap { Int32($0.trimmingTrailingNewlines) }
            throw .held(directory: directory, processID: holder)
        }
        let text = Array("\(getpid())\n".utf8)
        guard ftruncate(lock.file, 0) == 0, pwrite(lock.file, text, text.count, 0) == text.count else {
            throw FileSystem.failure("write", path)
        }
        return lock
    }
}
