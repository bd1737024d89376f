import Glibc
import Hummingbird

/// The ceiling: a route that reads the body of `authorize` and writes its answer with Codable, and does nothing else.
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
