import Curl
import Testing

struct HTTPResponseTests {
    @Test(
        "Retry-After is read as seconds or as a date, and is never negative",
        arguments: [
            ("120", 120), ("0", 0), ("-5", 0),
            ("Fri, 31 Dec 1999 23:59:59 GMT", 60), ("Fri, 31 Dec 1999 23:00:00 GMT", 0),
            ("soon", nil), ("", nil),
        ] as [(String, Int?)])
    func retryAfter(_ text: String, _ seconds: Int?) {
        let response = HTTPResponse(status: 503, headers: [("retry-after", text)], body: [])
        #expect(response.retryAfterSeconds(nowSeconds: 946_684_739) == seconds)
    }

    @Test("no Retry-After is none")
    func absent() {
        #expect(HTTPResponse(status: 503, headers: [], body: []).retryAfterSeconds(nowSeconds: 0) == nil)
    }

    @Test(
        "a server is named without its path, and a port only where it says something",
        arguments: [
            ("https://hooks.example/T0/SECRET?token=SECRET", "https://hooks.example"),
            ("https://hooks.example:443/", "https://hooks.example"),
            ("HTTP://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://[::1]:80/", "http://[::1]"),
        ])
    func origin(_ url: String, _ shown: String) throws {
        #expect(try HTTPOrigin(url: url).description == shown)
    }
}
