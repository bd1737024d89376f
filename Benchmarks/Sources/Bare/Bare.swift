import Glibc
import Hummingbird

/// The ceiling of the route benchmarks: a server whose only route decodes the body of `authorize` and encodes an answer
/// with Codable.
@main struct Bare {
    static func main() async throws {
        let router = Router()
        router.post("v1/authorize") { request, context in
            Verdict(of: try await request.decode(as: Call.self, context: context))
        }
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in
                print("http://127.0.0.1:\(channel.localAddress?.port ?? 0)")
                fflush(nil)
            })
        try await application.runService()
    }
}
