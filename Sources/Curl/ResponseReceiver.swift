import CCurl

/// The part of a response that has arrived so far. The callbacks of libcurl fill it, on the thread of the transfer.
final class ResponseReceiver {
    private static let maxHeaderBytes = 262_144

    private let transfer: Transfer
    private var headers: [(name: String, value: String)] = []
    private var headerBytes = 0
    private var headersOverflowed = false
    private var body: [UInt8] = []
    private var bodyOverflowed = false
    private var addressRefused = false
    private var isSuccess = false

    init(_ transfer: Transfer) {
        self.transfer = transfer
    }

    var addressRule: AddressRule { transfer.addressRule }
    var isCancelled: Bool { transfer.cancellation.isCancelled }

    /// - Returns: whether libcurl is to go on.
    func appendBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let room = transfer.request.maxResponseBytes - body.count
        body.append(contentsOf: bytes.prefix(max(room, 0)))
        if isSuccess { transfer.request.receive?(bytes) }
        bodyOverflowed = bytes.count > room && transfer.request.overflow != .streams
        return !bodyOverflowed
    }

    func appendHeader(_ bytes: UnsafeRawBufferPointer) -> Bool {
        headerBytes += bytes.count
        headersOverflowed = headerBytes > Self.maxHeaderBytes
        guard !headersOverflowed else { return false }
        let line = String(decoding: bytes, as: UTF8.self)
        // Forgets the headers of the answer before this one, which was a redirect or a `100 Continue`.
        if line.hasPrefix("HTTP/") {
            headers = []
            isSuccess = line.split(separator: " ").dropFirst().first?.hasPrefix("2") ?? false
        } else if let colon = line.firstIndex(of: ":") {
            headers.append((String(line[..<colon]), line[line.index(after: colon)...].trimmingHTTPSpace()))
        }
        return true
    }

    func refuseAddress() {
        addressRefused = true
    }

    func result(_ code: CURLcode, status: Int) -> Result<HTTPResponse, HTTPError> {
        let request = transfer.request
        let isCutShort = bodyOverflowed && request.overflow == .truncates
        if code == CURLE_OK || code == CURLE_WRITE_ERROR && isCutShort {
            return .success(HTTPResponse(status: status, headers: headers, body: body))
        }
        if headersOverflowed { return .failure(.tooLarge(transfer.origin, limitBytes: Self.maxHeaderBytes)) }
        if bodyOverflowed { return .failure(.tooLarge(transfer.origin, limitBytes: request.maxResponseBytes)) }
        if code == CURLE_ABORTED_BY_CALLBACK { return .failure(.cancelled(transfer.origin)) }
        if addressRefused && code == CURLE_COULDNT_CONNECT {
            return .failure(.refusedAddress(transfer.origin, by: addressRule))
        }
        return .failure(HTTPError(code, origin: transfer.origin, request: request))
    }
}

extension Substring {
    /// Swift treats the end of the line, CR LF, as one character.
    fileprivate func trimmingHTTPSpace() -> String {
        var text = self
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}
