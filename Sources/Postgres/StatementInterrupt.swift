import CPostgres
import Glibc

/// Wakes the thread that waits for the answer to a statement, so that it cancels the statement. Any thread may raise it.
final class StatementInterrupt: Sendable {
    /// Can be read while the interrupt is raised.
    let descriptor: Int32

    init() {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        precondition(descriptor >= 0, "no descriptor is left: \(String(cString: strerror(errno)))")
    }

    deinit { close(descriptor) }

    func raise() { eventfd_write(descriptor, 1) }

    func lower() {
        var count: eventfd_t = 0
        eventfd_read(descriptor, &count)
    }
}
