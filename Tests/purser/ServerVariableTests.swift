import Logging
import Testing

@testable import purser

@Suite("The environment of a server") struct ServerVariableTests {
    private static func failure(_ values: [String: String]) -> CommandFailure? {
        do {
            _ = try ServerVariables(values)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "is refused where it has a name of Purser's that is none, with the one that is meant",
        arguments: [
            ("PURSER_TIMEZONE", "PURSER_TIMEZONE is no setting of purser. Did you mean PURSER_TIME_ZONE?"),
            ("PURSER_ADMIN_TOKN", "PURSER_ADMIN_TOKN is no setting of purser. Did you mean PURSER_ADMIN_TOKEN?"),
            ("PURSER_RETRIES_OF_ALL_KINDS", "PURSER_RETRIES_OF_ALL_KINDS is no setting of purser."),
        ])
    func unknown(name: String, sentence: String) {
        let failure = Self.failure([name: "1", "PATH": "/bin"])
        #expect(failure?.kind == .usage && failure?.lines == [sentence])
    }

    @Test("is taken where every name is known, or is one that clusters set for a service named purser")
    func known() {
        var values = Dictionary(uniqueKeysWithValues: ServerVariable.allCases.map { ($0.rawValue, "1") })
        for name in [
            "PURSER_URL", "PURSER_TOKEN", "PURSER_TEAM", "PURSER_SHARE", "PURSER_SERVICE_HOST", "PURSER_SERVICE_PORT",
            "PURSER_SERVICE_PORT_HTTP", "PURSER_PORT", "PURSER_PORT_8080_TCP", "PURSER_PORT_8080_TCP_ADDR",
            "PURSER_DB_PORT_5432_TCP_PROTO", "OTHER",
        ] { values[name] = "1" }
        #expect(Self.failure(values) == nil)
    }

    @Test("is written to the log as JSON that keeps the names of a line's own fields")
    func json() {
        let line = ServerLogHandler.json(
            .warning, "A \"line\"\nof two", ["detail": "x", "level": "y"], at: "2026-11-28T00:00:00Z")
        #expect(
            line
                == #"{"time":"2026-11-28T00:00:00Z","level":"warning","message":"A \"line\"\u000aof two","detail":"x","metadata_level":"y"}"#
        )
    }

    @Test("is written to the log as text with the message first, and what has spaces in quotes")
    func text() {
        let line = ServerLogHandler.text(
            .notice, "Started\nnow", ["detail": "two words", "a": "b", "empty": ""], at: "2026-11-28T00:00:00Z")
        #expect(line == #"2026-11-28T00:00:00Z notice Started now a=b detail="two words" empty="""#)
    }
}
