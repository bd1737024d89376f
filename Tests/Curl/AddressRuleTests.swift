import Glibc
import Testing

@testable import Curl

struct AddressRuleTests {
    /// An address, and whether a client may connect to it by each rule.
    static let addresses: [(address: String, anyNetwork: Bool, publicOnly: Bool)] = [
        ("8.8.8.8", true, true), ("172.15.255.255", true, true), ("172.32.0.1", true, true), ("100.63.0.1", true, true),
        ("100.128.0.1", true, true), ("223.255.255.255", true, true), ("11.0.0.1", true, true),
        ("2606:4700::1111", true, true), ("2a00:1450::1", true, true), ("3fff:ffff::1", true, true),
        ("::ffff:8.8.8.8", true, true), ("64:ff9b::808:808", true, true), ("2002:808:808::1", true, true),
        // Loopback, and what the kernel takes for it.
        ("127.0.0.1", true, false), ("127.255.255.254", true, false), ("0.0.0.0", true, false),
        ("0.1.2.3", true, false),
        ("::1", true, false), ("::", true, false),
        // Private networks and carriers' networks.
        ("10.0.0.1", true, false), ("10.255.255.255", true, false), ("172.16.0.1", true, false),
        ("172.31.255.255", true, false), ("192.168.1.1", true, false), ("100.64.0.1", true, false),
        ("100.127.255.255", true, false), ("fc00::1", true, false), ("fdff::1", true, false), ("fec0::1", true, false),
        // The same in other forms.
        ("::ffff:127.0.0.1", true, false), ("::ffff:10.0.0.1", true, false), ("::ffff:0:0", true, false),
        ("::127.0.0.1", true, false), ("::10.0.0.1", true, false), ("64:ff9b::a00:1", true, false),
        ("64:ff9b:1::a00:1", true, false), ("2002:7f00:1::1", true, false), ("2002:c0a8:101::1", true, false),
        // Nobody's, everybody's and those of documents and tests.
        ("224.0.0.1", true, false), ("240.0.0.1", true, false), ("255.255.255.255", true, false),
        ("192.0.2.1", true, false), ("198.18.0.1", true, false), ("198.19.255.255", true, false),
        ("ff02::1", true, false), ("2001:db8::1", true, false), ("2001::1", true, false), ("4000::1", true, false),
        // Link-local and cloud metadata: never.
        ("169.254.169.254", false, false), ("169.254.0.1", false, false), ("100.100.100.200", false, false),
        ("168.63.129.16", false, false), ("fe80::1", false, false), ("febf::1", false, false),
        ("fd00:ec2::254", false, false), ("fd20:ce::254", false, false), ("::ffff:169.254.169.254", false, false),
        ("64:ff9b::a9fe:a9fe", false, false), ("::169.254.169.254", false, false),
        ("2002:a9fe:a9fe::1", false, false),
    ]

    @Test("an address is refused in every form that it has", arguments: addresses)
    func address(_ address: String, _ anyNetwork: Bool, _ publicOnly: Bool) throws {
        let bytes = try #require(Self.bytes(address))
        #expect(AddressRule.anyNetwork.refuses(bytes) != anyNetwork)
        #expect(AddressRule.publicOnly.refuses(bytes) != publicOnly)
        let host = address.contains(":") ? "[\(address)]" : address
        let origin = try HTTPOrigin(url: "http://\(host):8080/")
        #expect(AddressRule.publicOnly.refuses(origin) != publicOnly)
    }

    @Test(
        "an address in a URL is known however it is written",
        arguments: [
            "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "localhost", "LOCALHOST", "a.localhost", "[0:0:0:0:0:0:0:1]",
        ])
    func hosts(_ host: String) throws {
        #expect(AddressRule.publicOnly.refuses(try HTTPOrigin(url: "http://\(host)/")))
        #expect(!AddressRule.anyNetwork.refuses(try HTTPOrigin(url: "http://\(host)/")))
    }

    @Test("the address that is connected to counts, not the name, and it is not connected to")
    func connected() async throws {
        let server = try LocalServer.running()
        let client = HTTPClient(userAgent: "purser-test/1", addressRule: .publicOnly)
        let host = try #require(Self.ownName())
        for (host, port) in [
            ("127.0.0.1", server.ports.plain), (host, server.ports.plain), (host, server.ports.closed),
        ] {
            let request = HTTPRequest(
                method: "GET", url: "http://\(host):\(port)/status/200", timeoutSeconds: 5, maxResponseBytes: 100)
            let error = await #expect(throws: HTTPError.self) { try await client.send(request) }
            #expect(error?.kind == .refusedAddress)
            #expect(
                error?.description == "http://\(host):\(port) is not a public address; no connection is made to others."
            )
        }
    }

    /// A name other than `localhost` that stands for an address of this machine.
    private static func ownName() -> String? {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return nil }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func bytes(_ address: String) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET6, address, &bytes) == 1 { return bytes }
        return inet_pton(AF_INET, address, &bytes) == 1 ? Array(bytes.prefix(4)) : nil
    }
}
