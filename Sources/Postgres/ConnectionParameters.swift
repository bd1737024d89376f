import CPostgres
import Glibc

/// The parts of a connection string, with Purser's defaults where the string says nothing.
struct ConnectionParameters {
    private(set) var values: [(keyword: String, value: String)]
    /// Passwords, which must not appear in any message.
    let secrets: [String]

    /// Defaults for keywords that neither the string nor libpq's environment sets. They detect a server that has
    /// vanished without closing its connections within about 20 seconds, because a commit that hangs delays every other
    /// one.
    private static let defaults = [
        ("connect_timeout", "5"), ("application_name", "purser"), ("keepalives_idle", "10"),
        ("keepalives_interval", "3"), ("keepalives_count", "3"), ("tcp_user_timeout", "20000"),
    ]
    private static let secretKeywords: Set<String> = ["password", "sslpassword"]

    /// Takes a URI or `keyword=value` pairs, as libpq reads them.
    init(parsing connectionString: String, connectTimeout: Duration? = nil) throws(PostgresError) {
        guard !connectionString.utf8.contains(0) else { throw .usage("the connection string has a zero byte in it") }
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(connectionString, &message) else {
            let details = message.map { Self.withoutQuoted(String(cString: $0)) } ?? ""
            PQfreemem(message)
            throw PostgresError(.usage, "the connection string cannot be read", details: details)
        }
        defer { PQconninfoFree(options) }
        values = []
        var known: [String: String] = [:]
        var secrets: [String] = []
        var option = options
        while let keyword = option.pointee.keyword {
            let name = String(cString: keyword)
            let given = option.pointee.val.map { String(cString: $0) }
            let inherited = option.pointee.envvar.flatMap { getenv($0) }.map { String(cString: $0) }
            if let given { values.append((name, given)) }
            known[name] = given ?? inherited
            if Self.secretKeywords.contains(name), let secret = given ?? inherited, !secret.isEmpty {
                secrets.append(secret)
            }
            option += 1
        }
        self.secrets = secrets
        for (keyword, value) in Self.defaults where known[keyword] == nil { set(keyword, value) }
        // With several hosts, the connection must go to the primary: a standby takes no writes.
        let isMultiHost = [known["host"], known["hostaddr"]].contains { $0?.contains(",") == true }
        if isMultiHost, known["target_session_attrs"] == nil { set("target_session_attrs", "read-write") }
        if let connectTimeout { shortenConnectTimeout(to: connectTimeout, given: known["connect_timeout"]) }
        set("client_encoding", "UTF8")
    }

    private mutating func set(_ keyword: String, _ value: String) {
        values.removeAll { $0.keyword == keyword }
        values.append((keyword, value))
    }

    /// Keeps a given `connect_timeout` that is shorter. To libpq, 0 and text that is not a number mean no limit.
    private mutating func shortenConnectTimeout(to limit: Duration, given: String?) {
        let seconds = (limit.wholeMilliseconds + 999) / 1_000
        if let given = given.flatMap({ Int64($0) }), given > 0, given <= seconds { return }
        set("connect_timeout", "\(seconds)")
    }

    /// Removes the part of the string that libpq could not read and quotes, because it may contain a password.
    private static func withoutQuoted(_ message: String) -> String {
        guard let first = message.firstIndex(of: "\""), let last = message.lastIndex(of: "\"") else { return message }
        return message[..<first] + "…" + message[message.index(after: last)...]
    }

    /// Connects and waits for the outcome. The caller owns the result, whether or not the connection was made.
    func connect() -> OpaquePointer? {
        let keywords = values.map { strdup($0.keyword) }
        let strings = values.map { strdup($0.value) }
        defer { for copy in keywords + strings { free(copy) } }
        let end: [UnsafePointer<CChar>?] = [nil]
        return PQconnectdbParams(
            keywords.map { UnsafePointer($0) } + end, strings.map { UnsafePointer($0) } + end, 0)
    }

    func withoutSecrets(_ message: String) -> String {
        secrets.reduce(message) { text, secret in replace(secret, in: text) }
    }

    private func replace(_ secret: String, in text: String) -> String {
        var rest = text[...]
        var result = ""
        while let range = rest.firstRange(of: secret) {
            result += rest[..<range.lowerBound] + "…"
            rest = rest[range.upperBound...]
        }
        return result + rest
    }
}
