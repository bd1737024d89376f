import Glibc

/// An exclusive `flock` on a file, held until it is released or the process ends, however it ends.
final class DirectoryLock: Sendable {
    let file: Int32
    /// Whether processes that inherit the file should keep the lock after this object is released.
    private let isShared: Bool

    private init(file: Int32, isShared: Bool) {
        self.file = file
        self.isShared = isShared
    }

    deinit {
        // Unlock explicitly: a process that is just being spawned has the file open until it executes its program.
        if !isShared { flock(file, LOCK_UN) }
        close(file)
    }

    /// Takes the lock; returns nil if another process holds it.
    static func take(
        _ path: String, mode: mode_t = 0o644, isShared: Bool = true
    ) throws(ClusterError) -> DirectoryLock? {
        let file = try FileSystem.openFile(path, O_RDWR | O_CREAT, mode: mode)
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            close(file)
            errno = reason
            guard reason == EWOULDBLOCK else { throw FileSystem.failure("lock", path) }
            return nil
        }
        return DirectoryLock(file: file, isShared: isShared)
    }

    /// Takes the lock of a data directory and writes this process's id into the lock file, for the error message of the
    /// next process that tries.
    static func hold(_ directory: String) throws(ClusterError) -> DirectoryLock {
        let path = "\(directory)/purser.lock"
        guard let lock = try take(path, isShared: false) else {
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
