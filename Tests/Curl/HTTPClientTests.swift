import Curl
import Dispatch
import Foundation
import Testing

struct HTTPClientTests {
    struct Echo: Decodable {
        let method: String
        let headers: [[String]]
        let body: String
        let length: Int

        func header(_ name: String) -> String? {
            headers.first { $0[0].lowercased() == name }?[1]
        }
    }

    let server: LocalServer
    let client = HTTPClient(userAgent: "purser-test/1")

    init() throws {
        server = try LocalServer.running()
    }

    func get(_ path: String, maxResponseBytes: Int = 10_000) -> HTTPRequest {
        HTTPRequest(method: "GET", url: server.url(path), timeoutSeconds: 10, maxResponseBytes: maxResponseBytes)
    }

    func kind(of request: HTTPRequest) async -> HTTPError.Kind? {
        do {
            _ = try await client.send(request)
            return nil
        } catch {
            return error.kind
        }
    }

    @Test("any status is a response", arguments: [200, 204, 400, 410, 429, 500, 503])
    func status(_ status: Int) async throws {
        #expect(try await client.send(get("/status/\(status)")).status == status)
    }

    @Test("headers are found whatever their case, without the space around them")
    func headers() async throws {
        let response = try await client.send(get("/nowhere"))
        #expect(response.status == 404)
        #expect(response.header("x-PADDED") == "padded")
        #expect(response.header("absent") == nil)
        #expect(String(decoding: response.body, as: UTF8.self) == "not here")
    }

    @Test("a method goes out with its body, its headers and nothing libcurl would add", arguments: ["POST", "PUT"])
    func body(_ method: String) async throws {
        var request = get("/echo")
        request.method = method
        request.headers = [("X-One", "1"), ("X-Empty", "")]
        request.body = Array("{\"a\": \"é\"}".utf8)
        let echo = try JSONDecoder().decode(Echo.self, from: Data(try await client.send(request).body))
        #expect(echo.method == method)
        #expect(echo.body == "{\"a\": \"é\"}")
        #expect(echo.header("user-agent") == "purser-test/1")
        #expect(echo.header("x-one") == "1")
        #expect(echo.header("x-empty") == "")
        #expect(echo.header("content-type") == nil)
        #expect(echo.header("expect") == nil)
    }

    @Test("a method without a body is sent as it is named", arguments: ["GET", "DELETE", "POST", "PUT"])
    func noBody(_ method: String) async throws {
        var request = get("/echo")
        request.method = method
        let echo = try JSONDecoder().decode(Echo.self, from: Data(try await client.send(request).body))
        #expect(echo.method == method)
        #expect(echo.length == 0)
    }

    @Test("HEAD answers without a body")
    func head() async throws {
        var request = get("/large")
        request.method = "HEAD"
        let response = try await client.send(request)
        #expect(response.header("content-length") == "1000000")
        #expect(response.body.isEmpty)
    }

    @Test("a large body is sent whole, without asking first")
    func largeBody() async throws {
        var request = get("/echo")
        request.method = "POST"
        request.body = [UInt8](repeating: 7, count: 20_000_000)
        let echo = try JSONDecoder().decode(Echo.self, from: Data(try await client.send(request).body))
        #expect(echo.length == 20_000_000)
        #expect(echo.header("expect") == nil)
    }

    @Test("a redirect is an answer like any other, unless it is to be followed")
    func redirects() async throws {
        var request = get("/redirect")
        let refused = try await client.send(request)
        #expect(refused.status == 302)
        #expect(refused.header("location") == "/port")
        request.followsRedirects = true
        let followed = try await client.send(request)
        #expect(followed.status == 200)
        #expect(followed.header("location") == nil)
    }

    @Test("a redirect leads neither to a metadata address nor to a file")
    func dangerousRedirects() async {
        var request = get("/redirect-to-metadata")
        request.followsRedirects = true
        #expect(await kind(of: request) == .refusedAddress)
        request.url = server.url("/redirect-to-file")
        #expect(await kind(of: request) == .failed)
    }

    @Test("requests one after another use one connection")
    func reuse() async throws {
        let first = try await client.send(get("/port")).body
        for _ in 0..<20 {
            #expect(try await client.send(get("/port")).body == first)
        }
    }

    @Test("more requests than threads are all answered")
    func concurrency() async throws {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<100 {
                group.addTask { try await client.send(get("/status/204")).status }
            }
            for try await status in group { #expect(status == 204) }
        }
    }

    @Test("a thread that may wait gets the same answers")
    func blocking() async throws {
        let status = await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [client, request = get("/status/201")] in
                continuation.resume(returning: try? client.sendBlocking(request).status)
            }
        }
        #expect(status == 201)
    }
}
