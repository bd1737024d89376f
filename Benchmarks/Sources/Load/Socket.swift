import Glibc

/// A connection to a loopback port. `send` blocks until all bytes are sent; `receive` takes only what has arrived.
final class Socket {
    let descriptor: Int32
    private var buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 256 * 1024)
    private var count = 0

    init(port: UInt16) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
        }
        guard connected == 0 else { fatalError("Nothing listens on port \(port).") }
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    var received: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: buffer[..<count]) }

    func clear() { count = 0 }

    func send(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                let result = Glibc.send(
                    descriptor, bytes.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
                guard result > 0 else { fatalError("The server closed a connection.") }
                sent += result
            }
        }
    }

    func receive() {
        let result = recv(
            descriptor, buffer.baseAddress! + count, buffer.count - count, Int32(MSG_DONTWAIT))
        if result > 0 {
            count += result
        } else if result == 0 || errno != EAGAIN {
            fatalError("The server closed a connection, or its answer was too long.")
        }
    }
}
