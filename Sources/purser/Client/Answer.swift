import JSON

/// The answer of the server to a request that it accepted.
struct Answer {
    let status: Int
    let bytes: [UInt8]

    var text: String { String(decoding: bytes, as: UTF8.self) }

    func json() throws(CommandFailure) -> JSONValue {
        do {
            return try JSONDocument(bytes).root
        } catch {
            throw CommandFailure(.refused, "The answer is not JSON; is PURSER_URL the address of a Purser server?")
        }
    }

    func string(_ name: StaticString) throws(CommandFailure) -> String {
        guard let value = try json()[name]?.string else { throw Self.lacks(name) }
        return value
    }

    /// The objects in an array field.
    func objects(_ name: StaticString) throws(CommandFailure) -> [JSONValue] {
        guard let list = try json()[name], list.kind == .array else { throw Self.lacks(name) }
        return Array(list.elements)
    }

    /// Writes the answer's warnings to standard error, a line each.
    func tellWarnings() throws(CommandFailure) {
        for warning in (try json()["warnings"]).map({ Array($0.elements) }) ?? [] {
            guard let message = warning["message"]?.string else { continue }
            StandardError.writeLine("Warning: \(PrintableText.of(message))")
        }
    }

    private static func lacks(_ name: StaticString) -> CommandFailure {
        CommandFailure(.refused, "The server's answer has no \(name); are the server and this command of one version?")
    }
}
