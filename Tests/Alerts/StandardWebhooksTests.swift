import Alerts
import Testing

struct StandardWebhooksTests {
    @Test("the signature is the one the reference library makes")
    func knownSignature() throws {
        let secret = try #require(WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
        let signature = StandardWebhooks.sign(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestampSeconds: 1_614_265_330,
            body: Array(#"{"test": 2432232314}"#.utf8), secret: secret)
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test("a secret is read back as it was written, and no two are the same")
    func roundTrip() {
        let secret = WebhookSecret.generate()
        #expect(WebhookSecret(secret.revealed)?.revealed == secret.revealed)
        #expect(secret.revealed.hasPrefix("whsec_"))
        #expect(WebhookSecret.generate().revealed != secret.revealed)
    }

    @Test(
        "a secret of 24 to 64 bytes is accepted, and no other",
        arguments: [(23, false), (24, true), (32, true), (64, true), (65, false), (0, false)])
    func lengths(_ bytes: Int, _ isAccepted: Bool) {
        // Four characters of base64 hold three bytes.
        let tail = ["", "AA==", "AAA="][bytes % 3]
        let text = "whsec_" + String(repeating: "AAAA", count: bytes / 3) + tail
        #expect((WebhookSecret(text) != nil) == isAccepted)
    }

    @Test(
        "what is no secret is refused",
        arguments: [
            "", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS!", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwA",
        ])
    func malformed(_ text: String) {
        #expect(WebhookSecret(text) == nil)
    }

    @Test("printing a secret or an endpoint shows nothing of them")
    func redaction() throws {
        let secret = WebhookSecret.generate()
        let endpoint = try WebhookEndpoint(url: "https://hooks.example/T0/HIDDEN", secret: secret)
        var dumped = ""
        dump(endpoint, to: &dumped)
        dump(secret, to: &dumped)
        let printed = "\(secret) \(endpoint) \(String(reflecting: endpoint)) \(String(reflecting: secret)) \(dumped)"
        #expect(!printed.contains(secret.revealed.dropFirst(6)))
        #expect(!printed.contains("HIDDEN"))
        #expect("\(endpoint)" == "https://hooks.example")
    }
}
