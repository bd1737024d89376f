import CCurl

/// One libcurl handle, for one thread. It keeps its connections between transfers.
struct EasyHandle: ~Copyable {
    private let pointer: UnsafeMutableRawPointer?
    private let userAgent: String

    /// Initializes libcurl, once for the process, before the first handle is made.
    private static let isLibraryReady = purser_curl_global_init() == CURLE_OK

    init(userAgent: String) {
        pointer = Self.isLibraryReady ? curl_easy_init() : nil
        self.userAgent = userAgent
    }

    deinit {
        if let pointer { curl_easy_cleanup(pointer) }
    }

    func perform(_ transfer: Transfer) -> Result<HTTPResponse, HTTPError> {
        guard !transfer.cancellation.isCancelled else { return .failure(.cancelled(transfer.origin)) }
        guard let pointer else { return .failure(HTTPError(.failed, "The HTTP library libcurl could not start.")) }
        let receiver = ResponseReceiver(transfer)
        let options = EasyOptions(handle: pointer, transfer: transfer)
        do {
            try options.apply(userAgent: userAgent)
            try options.apply(receiver)
        } catch {
            return .failure(error)
        }
        let headers = curl_slist.of(transfer.request)
        defer { curl_slist_free_all(headers) }
        purser_curl_set_headers(pointer, headers)

        let code = transfer.request.body.withUnsafeBytes { body in
            if transfer.request.sendsBody {
                purser_curl_set_pointer(pointer, CURLOPT_POSTFIELDS, body.baseAddress)
            }
            return withExtendedLifetime(receiver) { curl_easy_perform(pointer) }
        }
        var status = 0
        purser_curl_get_long(pointer, CURLINFO_RESPONSE_CODE, &status)
        return receiver.result(code, status: status)
    }
}
