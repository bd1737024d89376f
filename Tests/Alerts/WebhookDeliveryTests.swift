import Alerts
import Curl
import Foundation
import Testing

struct WebhookDeliveryTests {
    let secret = WebhookSecret.generate()
    let delivery = WebhookDelivery(client: HTTPClient(userAgent: "purser-test/1"), timeoutSeconds: 10)
    let message = AlertMessage.test(id: "alert_1", alertName: "ops \"é\"", team: "search", nowSeconds: 1_795_000_000)

    var nowSeconds: Int64 { Int64(Date().timeIntervalSince1970) }

    func attempt(_ receiver: Receiver) async throws -> DeliveryOutcome {
        let endpoint = try WebhookEndpoint(url: receiver.url + "/hooks/HIDDEN", secret: secret)
        return await delivery.attempt(message, to: endpoint, nowSeconds: nowSeconds)
    }

    @Test("a receiver that refuses twice gets the same message again, signed so that the reference library agrees")
    func retries() async throws {
        let receiver = try Receiver(secret: secret.revealed, arguments: ["--refuse", "2"])
        var outcomes: [DeliveryOutcome] = []
        while outcomes.count < 3 { outcomes.append(try await attempt(receiver)) }
        let refused = DeliveryOutcome.failed(reason: "\(receiver.url) answered 500.", retryAfterSeconds: nil)
        #expect(outcomes == [refused, refused, .delivered(status: 200)])

        let requests = try receiver.requests()
        #expect(requests.count == 3)
        for request in requests {
            #expect(request.verified, "\(request.problem ?? "")")
            #expect(request.path == "/hooks/HIDDEN")
            #expect(request.headers["webhook-id"] == "alert_1")
            #expect(request.headers["content-type"] == "application/json")
            #expect(request.body == String(decoding: message.body, as: UTF8.self))
        }
    }

    @Test("a late attempt carries its own time, not that of the message")
    func lateAttempt() async throws {
        let receiver = try Receiver(secret: secret.revealed)
        let before = nowSeconds
        _ = try await attempt(receiver)
        let sent = try #require(try receiver.requests().first?.headers["webhook-timestamp"].flatMap { Int64($0) })
        #expect((before...nowSeconds).contains(sent))
    }

    @Test("a receiver with another secret does not take the message for ours")
    func wrongSecret() async throws {
        let receiver = try Receiver(secret: WebhookSecret.generate().revealed)
        _ = try await attempt(receiver)
        #expect(try receiver.requests().map(\.problem) == ["No matching signature found"])
    }

    @Test("every 2xx is delivered, also with a long answer", arguments: [200, 202, 204, 299])
    func delivered(_ status: Int) async throws {
        let bytes = status == 204 ? "0" : "3000000"
        let receiver = try Receiver(
            secret: secret.revealed, arguments: ["--status", "\(status)", "--answer-bytes", bytes])
        #expect(try await attempt(receiver) == .delivered(status: status))
    }

    @Test("anything else is tried again", arguments: [301, 307, 400, 401, 404, 429, 500, 502, 503])
    func failed(_ status: Int) async throws {
        let receiver = try Receiver(secret: secret.revealed, arguments: ["--status", "\(status)"])
        guard case .failed(let reason, nil) = try await attempt(receiver) else {
            Issue.record("\(status) was not taken as a failure")
            return
        }
        #expect(reason.contains("answered \(status)"))
        #expect(!reason.contains("HIDDEN"))
        #expect(try receiver.requests().count == 1)
    }

    @Test("410 Gone ends it")
    func gone() async throws {
        let receiver = try Receiver(secret: secret.revealed, arguments: ["--status", "410"])
        let reason = "\(receiver.url) answered 410 Gone: it wants no more messages."
        #expect(try await attempt(receiver) == .rejectedForGood(reason: reason))
    }

    @Test(
        "what a receiver asks for in Retry-After is passed on, up to a day",
        arguments: [("90", 90), ("999999", 86_400)])
    func retryAfter(_ asked: String, _ seconds: Int) async throws {
        let receiver = try Receiver(secret: secret.revealed, arguments: ["--status", "503", "--retry-after", asked])
        let expected = DeliveryOutcome.failed(reason: "\(receiver.url) answered 503.", retryAfterSeconds: seconds)
        #expect(try await attempt(receiver) == expected)
    }

    @Test("a metadata address is not connected to")
    func metadata() async throws {
        let endpoint = try WebhookEndpoint(url: "http://169.254.169.254/HIDDEN", secret: secret)
        let outcome = await delivery.attempt(message, to: endpoint, nowSeconds: nowSeconds)
        let reason = "http://169.254.169.254 is a link-local or cloud metadata address; no connection is made to these."
        #expect(outcome == .failed(reason: reason, retryAfterSeconds: nil))
    }

    @Test("a delivery that is cut short is not a failure of the receiver")
    func cutShort() async throws {
        let receiver = try Receiver(secret: secret.revealed, arguments: ["--delay", "30"])
        let delivering = Task { try await attempt(receiver) }
        while try receiver.requests().isEmpty { try await Task.sleep(for: .milliseconds(20)) }
        delivering.cancel()
        #expect(try await delivering.value == .cutShort)
    }

    /// Ports of this machine and of its network, open, closed and of nobody, and a name that stands for one.
    static let privateHosts = ["127.0.0.1:9", "10.0.0.1", "[::1]:9", "[::ffff:10.1.2.3]", "localhost:9"]

    @Test("to a private address only where that is set, with one sentence whatever is there", arguments: privateHosts)
    func privateAddress(_ host: String) async throws {
        let delivery = WebhookDelivery(
            client: HTTPClient(userAgent: "purser-test/1", addressRule: .publicOnly), timeoutSeconds: 10)
        let receiver = try Receiver(secret: secret.revealed)
        for origin in ["http://\(host)", receiver.url] {
            let endpoint = try WebhookEndpoint(url: "\(origin)/HIDDEN", secret: secret)
            let reason =
                "\(origin) is not a public address; no connection is made to others. Where alerts may go to private "
                + "addresses, run the server with PURSER_ALERTS_ALLOW_PRIVATE=true."
            let outcome = await delivery.attempt(message, to: endpoint, nowSeconds: nowSeconds)
            #expect(outcome == .failed(reason: reason, retryAfterSeconds: nil))
            #expect(delivery.refusal(of: endpoint.url) == reason)
            #expect(self.delivery.refusal(of: endpoint.url) == nil)
        }
        #expect(try receiver.requests().isEmpty)
    }

    @Test("an endpoint is http or https, without a password in it", arguments: ["ftp://a/", "a", "http://u:p@a/"])
    func endpoints(_ url: String) {
        #expect(throws: HTTPError.self) { try WebhookEndpoint(url: url, secret: secret) }
    }
}
