import CCurl

package struct HTTPResponse: Sendable {
    package var status: Int
    /// In the order received, names as the server spelled them.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package init(status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first value of a header, whatever the case of its name.
    package func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }

    /// `Retry-After` in seconds from now, whether sent as a number or as a date (RFC 9110, 10.2.3); never negative.
    package func retryAfterSeconds(nowSeconds: Int64) -> Int? {
        guard let text = header("Retry-After") else { return nil }
        if let seconds = Int(text) { return max(0, seconds) }
        let date = curl_getdate(text, nil)
        return date == -1 ? nil : max(0, Int(Int64(date).subtractingReportingOverflow(nowSeconds).partialValue))
    }
}
