import Glibc

/// An open file by its number. The code that opened the file must close it.
struct FileDescriptor {
    let number: Int32

    init(_ number: Int32) { self.number = number }

    func write(_ bytes: [UInt8]) throws(SystemFailure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(number, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw SystemFailure(code: errno)
            }
        }
    }

    /// Reads at most `limit` bytes. The result is empty at the end of the file.
    func read(limit: Int) throws(SystemFailure) -> [UInt8] {
        var count = 0
        var failureCode: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, initializedCount in
            repeat { count = Glibc.read(number, buffer.baseAddress, limit) } while count < 0 && errno == EINTR
            failureCode = errno
            initializedCount = max(0, count)
        }
        guard count >= 0 else { throw SystemFailure(code: failureCode) }
        return bytes
    }
}

/// An error of the operating system.
struct SystemFailure: Error, CustomStringConvertible {
    let code: Int32

    var description: String { String(cString: strerror(code)) }
}
