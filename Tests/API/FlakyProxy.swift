import Foundation
import Glibc
import Synchronization

/// A server that cuts its first connections and passes the others on to a real server, as one does while it is restarted.
final class FlakyProxy: Sendable {
    /// How a connection is cut once the client has sent something.
    enum Cut: CaseIterable, Sendable {
        /// Closed without an answer.
        case empty
        /// Reset without an answer.
        case reset
        /// Closed within the answer.
        case partial
    }

    let url: String
    private let listener: Int32
    private let target: UInt16
    private let cut: Cut
    private let cutsLeft: Mutex<Int>

    /// - Parameter cuts: how many connections are cut, the first ones.
    init(to url: String, _ cut: Cut, cuts: Int) throws {
        target = UInt16(url.split(separator: ":").last!)!
        self.cut = cut
        cutsLeft = Mutex(cuts)
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var (address, length) = (Self.address(port: 0), socklen_t(MemoryLayout<sockaddr_in>.size))
        let isBound = Self.with(&address) { bind(listener, $0, length) == 0 && listen(listener, 64) == 0 }
        guard isBound, Self.with(&address, { getsockname(listener, $0, &length) }) == 0 else {
            throw TestFailure("no port to listen on")
        }
        self.listener = listener
        self.url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
        Thread.detachNewThread { [self] in serve() }
    }

    func close() { _ = shutdown(listener, Int32(SHUT_RDWR)) }

    private func serve() {
        while case let client = accept(listener, nil, nil), client >= 0 {
            Thread.detachNewThread { [self] in answer(client) }
        }
        Glibc.close(listener)
    }

    private func answer(_ client: Int32) {
        let isCut = cutsLeft.withLock { left in
            defer { left -= 1 }
            return left > 0
        }
        if isCut { return end(client) }
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.address(port: target)
        guard Self.with(&address, { connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }) == 0 else {
            return
        }
        Thread.detachNewThread { Self.pump(from: server, to: client) }
        Self.pump(from: client, to: server)
    }

    private func end(_ client: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        _ = recv(client, &buffer, buffer.count, 0)
        switch cut {
        case .empty: break
        case .reset:
            // Closing then sends a reset.
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(client, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
        case .partial:
            let half = Array("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{".utf8)
            _ = half.withUnsafeBytes { send(client, $0.baseAddress, $0.count, 0) }
        }
        Glibc.close(client)
    }

    private static func pump(from source: Int32, to target: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = recv(source, &buffer, buffer.count, 0), count > 0 {
            var sent = 0
            while sent < count {
                let more = buffer.withUnsafeBytes {
                    send(target, $0.baseAddress! + sent, count - sent, Int32(MSG_NOSIGNAL))
                }
                if more <= 0 { break }
                sent += more
            }
        }
        _ = shutdown(target, Int32(SHUT_WR))
    }

    private static func address(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private static func with<Value>(
        _ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>) -> Value
    ) -> Value {
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
        }
    }
}
