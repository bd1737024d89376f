import Foundation
import Glibc

/// A TCP connection to a server, for what an HTTP client would not send or not show.
final class RawConnection: Sendable {
    private let descriptor: Int32

    /// Throws where nobody listens.
    ///
    /// - Parameter receiveBytes: the kernel's buffer for data that was not received yet; nil for the kernel's default.
    init(to url: String, receiveBytes: Int32? = nil) throws {
        guard let port = url.split(separator: ":").last.flatMap({ UInt16($0) }) else { throw TestFailure(url) }
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
        }
        if var receiveBytes {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBytes, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafeBytes(of: &address) {
            connect(descriptor, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t($0.count))
        }
        guard result == 0 else {
            let reason = String(cString: strerror(errno))
            close(descriptor)
            throw TestFailure("\(url): \(reason)")
        }
    }

    deinit { close(descriptor) }

    func send(_ text: String) throws {
        let bytes = Array(text.utf8)
        guard Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw TestFailure("send: \(String(cString: strerror(errno)))")
        }
    }

    /// Closes the sending side; answers still arrive.
    func closeOutput() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Goes away: closes the connection, whatever is still to come.
    func end() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Goes away at once, as a process does that is killed with something unread: resets the connection.
    func reset() {
        var nowhere = sockaddr()
        nowhere.sa_family = sa_family_t(AF_UNSPEC)
        connect(descriptor, &nowhere, socklen_t(MemoryLayout<sockaddr>.size))
    }

    /// Receives everything until the server closes its side.
    func receiveToEnd() throws -> String {
        var all: [UInt8] = []
        while let more = try receive() { all += more }
        return String(decoding: all, as: UTF8.self)
    }

    /// Receives the next bytes; nil where the server has closed its side.
    func receive() throws -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count >= 0 else { throw TestFailure("recv: \(String(cString: strerror(errno)))") }
        return count == 0 ? nil : Array(buffer[..<count])
    }

    /// The text of a request on the wire.
    static func request(
        _ method: String, _ path: String, _ body: String = "", headers: [String] = []
    ) -> String {
        let lines =
            [
                "\(method) \(path) HTTP/1.1", "Host: purser", "Authorization: Bearer \(PurserServer.adminToken)",
                "Content-Length: \(body.utf8.count)",
            ] + headers
        return lines.joined(separator: "\r\n") + "\r\n\r\n" + body
    }
}
