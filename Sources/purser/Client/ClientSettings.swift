import Curl
import Glibc

/// The server that a command asks and the token that it sends, from the environment.
struct ClientSettings {
    /// Without a slash at its end.
    let baseURL: String
    let token: String?

    static let defaultURL = "http://127.0.0.1:8080"

    init(url: String?, token: String?) throws(CommandFailure) {
        var base = url.flatMap { $0.isEmpty ? nil : $0 } ?? Self.defaultURL
        while base.hasSuffix("/") { base.removeLast() }
        let isHTTP = base.hasPrefix("http://") || base.hasPrefix("https://")
        guard isHTTP, !base.contains(where: { "?#@".contains($0) }), base.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
            (try? HTTPOrigin(url: base)) != nil
        else {
            throw CommandFailure(
                .usage,
                "PURSER_URL must be like \(Self.defaultURL) or https://purser.example.com, without user name and query."
            )
        }
        baseURL = base
        self.token = token.flatMap { $0.isEmpty ? nil : $0 }
        guard self.token?.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) ?? true else {
            throw CommandFailure(
                .usage, "PURSER_TOKEN has characters that no token has, such as a space or a line break.")
        }
    }

    /// What may help where the server is one of the other scheme, which neither side tells.
    var otherScheme: String {
        baseURL.hasPrefix("https://")
            ? "If the server speaks plain HTTP, PURSER_URL must begin with http://."
            : "If the server speaks HTTPS, PURSER_URL must begin with https://."
    }

    static func fromEnvironment() throws(CommandFailure) -> ClientSettings {
        try ClientSettings(url: variable("PURSER_URL"), token: variable("PURSER_TOKEN"))
    }

    static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
