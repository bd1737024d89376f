import CCurl

/// The libcurl options of one transfer. https://curl.se/libcurl/c/curl_easy_setopt.html
struct EasyOptions {
    let handle: UnsafeMutableRawPointer
    let transfer: Transfer

    func apply(userAgent: String) throws(HTTPError) {
        let request = transfer.request
        curl_easy_reset(handle)
        try set(CURLOPT_URL, request.url)
        try set(CURLOPT_USERAGENT, userAgent)
        try set(CURLOPT_PROTOCOLS_STR, "http,https")
        try set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
        try set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
        // Signals would interrupt a process that has other threads.
        try set(CURLOPT_NOSIGNAL, 1)
        try set(CURLOPT_SSL_VERIFYPEER, 1)
        try set(CURLOPT_SSL_VERIFYHOST, 2)
        try set(CURLOPT_FOLLOWLOCATION, request.followsRedirects ? 1 : 0)
        try set(CURLOPT_MAXREDIRS, 5)
        try set(CURLOPT_TIMEOUT_MS, request.timeoutSeconds * 1_000)
        try set(CURLOPT_CONNECTTIMEOUT_MS, min(request.timeoutSeconds, 10) * 1_000)
        try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        if transfer.origin.isLoopback { try set(CURLOPT_PROXY, "") }
        try applyMethod(request)
    }

    /// A POST has no custom method, so that libcurl can change the method as it should when the request is redirected.
    private func applyMethod(_ request: HTTPRequest) throws(HTTPError) {
        if request.sendsBody {
            try set(CURLOPT_POST, 1)
            try check(
                purser_curl_set_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count)))
        }
        switch request.method {
        case "GET" where !request.sendsBody: try set(CURLOPT_HTTPGET, 1)
        case "HEAD": try set(CURLOPT_NOBODY, 1)
        case "POST": break
        default: try set(CURLOPT_CUSTOMREQUEST, request.method)
        }
    }

    /// The receiver must outlive the transfer.
    func apply(_ receiver: ResponseReceiver) throws(HTTPError) {
        let context = UnsafeRawPointer(Unmanaged.passUnretained(receiver).toOpaque())
        try check(purser_curl_set_receiver(handle, CURLOPT_WRITEFUNCTION, receiveBody))
        try check(purser_curl_set_receiver(handle, CURLOPT_HEADERFUNCTION, receiveHeader))
        try check(purser_curl_set_progress(handle, stopIfCancelled))
        try check(purser_curl_set_open_socket(handle, openSocket))
        try set(CURLOPT_NOPROGRESS, 0)
        for option in [CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_XFERINFODATA, CURLOPT_OPENSOCKETDATA] {
            try check(purser_curl_set_pointer(handle, option, context))
        }
    }

    private func set(_ option: CURLoption, _ value: Int) throws(HTTPError) {
        try check(purser_curl_set_long(handle, option, value))
    }

    private func set(_ option: CURLoption, _ value: String) throws(HTTPError) {
        try check(purser_curl_set_string(handle, option, value))
    }

    private func check(_ code: CURLcode) throws(HTTPError) {
        guard code == CURLE_OK else {
            throw HTTPError(code, origin: transfer.origin, request: transfer.request)
        }
    }
}

extension HTTPRequest {
    /// An empty POST, PUT or PATCH still says that its length is 0.
    var sendsBody: Bool {
        !body.isEmpty && method != "HEAD" || ["POST", "PUT", "PATCH"].contains(method)
    }
}

extension curl_slist {
    /// Removes two headers that libcurl adds by itself: a `Content-Type` that would call any body a form, and an
    /// `Expect` that would make libcurl wait for a `100 Continue` that many receivers never send.
    static func of(_ request: HTTPRequest) -> UnsafeMutablePointer<curl_slist>? {
        var lines = ["Expect:"]
        if !request.headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            lines.append("Content-Type:")
        }
        // In libcurl's list `Name:` removes a header, and `Name;` sends it empty.
        lines += request.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        return lines.reduce(nil) { list, line in curl_slist_append(list, line) }
    }
}
