import ArgumentParser

/// A command some of whose options have other names than the fields that they fill.
protocol NamesFields: ParsableCommand {
    /// The options by the names of the fields.
    static var fieldNames: [String: String] { get }
}

/// How the fields of a request are called on the command line.
///
/// An option has the name of its field, with hyphens, without the unit, and in the singular where it may be repeated:
/// `/scope/team` is `--team`, `/limit_usd` is `--limit`, `/alert_at/0` is `--alert-at`, `/scope/tags/env` is `--tag`. What a
/// command calls otherwise stands in its `fieldNames`.
struct FieldNames {
    private let exceptions: [String: String]
    private let options: CommandOptions

    init(of command: any ParsableCommand.Type, _ options: CommandOptions) {
        exceptions = (command as? any NamesFields.Type)?.fieldNames ?? [:]
        self.options = options
    }

    /// The name of what a pointer leads to or, where it has none, of the nearest thing that contains it. Nil where the
    /// command has nothing of the kind.
    func name(of pointer: String) -> String? {
        for field in pointer.split(separator: "/").reversed() {
            if let name = exceptions[String(field)] ?? Self.candidates(field).lazy.compactMap(known).first {
                return name
            }
        }
        return nil
    }

    private func known(_ name: String) -> String? {
        if options.names.contains("--\(name)") { return "--\(name)" }
        return options.positionals.contains(name) ? "<\(name)>" : nil
    }

    private static func candidates(_ field: Substring) -> [String] {
        let name = String(field).replacing("_", with: "-")
        let withoutUnit = ["-usd", "-tokens"].filter(name.hasSuffix).map { String(name.dropLast($0.count)) }
        return [name] + withoutUnit + (name.hasSuffix("s") ? [String(name.dropLast())] : [])
    }
}

extension CommandFailure {
    func named(by names: FieldNames) -> CommandFailure {
        var failure = self
        failure.fields = fields.map { RefusedField(name: names.name(of: $0.name) ?? $0.name, detail: $0.detail) }
        return failure
    }
}
