import Glibc

/// A file that is read from its beginning to its end, or standard input where the path is `-`.
final class InputFile {
    let path: String
    /// The size of the whole file in bytes; nil where it is not known.
    let size: Int?
    private(set) var bytesRead = 0
    private let descriptor: FileDescriptor

    init(path: String) throws(CommandFailure) {
        let number = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else {
            throw CommandFailure(.refused, "Cannot read \(path): \(SystemFailure(code: errno)).")
        }
        self.path = path
        descriptor = FileDescriptor(number)
        var status = stat()
        size = fstat(number, &status) == 0 && status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
    }

    deinit {
        if descriptor.number != STDIN_FILENO { close(descriptor.number) }
    }

    /// Reads the next bytes. The result is empty at the end.
    func read(limit: Int = 256 << 10) throws(CommandFailure) -> [UInt8] {
        do {
            let bytes = try descriptor.read(limit: limit)
            bytesRead += bytes.count
            return bytes
        } catch {
            throw CommandFailure(.refused, "Cannot read \(path): \(error).")
        }
    }

    func readWhole(limit: Int) throws(CommandFailure) -> [UInt8] {
        var whole: [UInt8] = []
        while true {
            let bytes = try read()
            if bytes.isEmpty { return whole }
            whole += bytes
            guard whole.count <= limit else {
                throw CommandFailure(.refused, "\(path) is larger than \(limit >> 20) MiB.")
            }
        }
    }
}
