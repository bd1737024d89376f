import Curl
import Testing

struct HTTPFailureTests {
    let server: LocalServer
    let client = HTTPClient(userAgent: "purser-test/1")

    init() throws {
        server = try LocalServer.running()
    }

    func request(_ url: String, timeoutSeconds: Int = 10, maxResponseBytes: Int = 10_000) -> HTTPRequest {
        HTTPRequest(method: "GET", url: url, timeoutSeconds: timeoutSeconds, maxResponseBytes: maxResponseBytes)
    }

    func failure(of request: HTTPRequest) async -> HTTPError? {
        do {
            _ = try await client.send(request)
            return nil
        } catch {
            return error
        }
    }

    @Test("a server that says nothing is timed out")
    func timeout() async {
        let error = await failure(of: request(server.url("/slow"), timeoutSeconds: 1))
        #expect(error?.kind == .timedOut)
    }

    @Test("a cancelled task does not wait for the server")
    func cancellation() async {
        let waiting = Task { await failure(of: request(server.url("/slow"), timeoutSeconds: 25)) }
        try? await Task.sleep(for: .milliseconds(200))
        waiting.cancel()
        #expect(await waiting.value?.kind == .cancelled)
    }

    @Test("a closed port is unreachable, and the sentence says where but nothing secret")
    func unreachable() async {
        var request = request("http://127.0.0.1:\(server.ports.closed)/services/T0SECRET?token=SECRET")
        request.headers = [("Authorization", "Bearer SECRET")]
        let error = await failure(of: request)
        #expect(error?.kind == .unreachable)
        #expect(
            error?.description == "http://127.0.0.1:\(server.ports.closed) could not be reached: "
                + "nothing accepted the connection.")
    }

    @Test("a body over the limit is refused, or cut where that was asked for")
    func tooLarge() async throws {
        var request = request(server.url("/large"), maxResponseBytes: 5_000)
        #expect(await failure(of: request)?.kind == .tooLarge)
        request.overflow = .truncates
        let response = try await client.send(request)
        #expect(response.status == 200)
        #expect(response.body == [UInt8](repeating: UInt8(ascii: "x"), count: 5_000))
    }

    @Test("a body that just fits is a response")
    func justFits() async throws {
        let response = try await client.send(request(server.url("/large"), maxResponseBytes: 1_000_000))
        #expect(response.body.count == 1_000_000)
        #expect(await failure(of: request(server.url("/large"), maxResponseBytes: 999_999))?.kind == .tooLarge)
    }

    @Test("headers without end are refused")
    func manyHeaders() async {
        #expect(await failure(of: request(server.url("/many-headers")))?.kind == .tooLarge)
    }

    @Test("a certificate nobody vouches for is refused")
    func selfSigned() async {
        #expect(await failure(of: request("https://127.0.0.1:\(server.ports.secure)/port"))?.kind == .tls)
    }

    @Test("a server that speaks no TLS is told from one whose certificate is refused")
    func plainServer() async {
        let plain = server.url("/port").replacing("http://", with: "https://")
        #expect(await failure(of: request(plain))?.kind == .handshake)
    }

    @Test(
        "link-local and metadata addresses are never connected to, however they are written",
        arguments: [
            "169.254.169.254", "169.254.0.1", "0xA9FEA9FE", "2852039166", "100.100.100.200", "168.63.129.16",
            "[fe80::1]", "[febf::1]", "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]", "[fd00:ec2::254]",
            "[fd20:ce::254]",
        ])
    func refusedAddress(_ host: String) async {
        let error = await failure(of: request("http://\(host)/latest/meta-data/", timeoutSeconds: 2))
        #expect(error?.kind == .refusedAddress)
    }

    @Test(
        "what is no plain http or https URL is not sent",
        arguments: [
            "", "nothing", "/relative", "ftp://127.0.0.1/", "file:///etc/hostname", "gopher://127.0.0.1/",
            "http://", "http://user:password@127.0.0.1/", "http://user@127.0.0.1/", "http://127.0.0.1:99999/",
            "http://127.0.0.1/\r\nX-Injected: 1", "http://127.0.0.1/\0", "http://127.0.0.1/a b",
            "http://127.0.0.1/" + String(repeating: "a", count: 2_048),
        ])
    func invalidURL(_ url: String) async {
        let error = await failure(of: request(url, timeoutSeconds: 1))
        #expect(error?.kind == .invalidRequest)
        #expect(error?.description.contains("password@") == false)
    }

    @Test(
        "a header cannot smuggle in another",
        arguments: [("X-A", "1\r\nX-B: 2"), ("X-A\r\nX-B", "1"), ("X A", "1"), ("", "1"), ("X-A", "\0"), ("X-A:", "1")])
    func headerInjection(_ name: String, _ value: String) async {
        var request = request(server.url("/echo"))
        request.headers = [(name, value)]
        #expect(await failure(of: request)?.kind == .invalidRequest)
    }

    @Test("a method is letters only", arguments: ["", "get", "GET /x HTTP/1.1\r\n", "G T"])
    func method(_ method: String) async {
        var request = request(server.url("/echo"))
        request.method = method
        #expect(await failure(of: request)?.kind == .invalidRequest)
    }
}
