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

    /// A sentence of the server in the words of the command.
    func text(_ sentence: String) -> String {
        sentence.replacing("The body", with: options.positionals.contains("file") ? "The file" : "The request")
            .replacing(Self.field) {
                isOfMany($0.output) ? String($0.output) : name(of: String($0.output)) ?? String($0.output)
            }
    }

    /// Whether the field's option fills others too, so that its name would not say which is meant.
    private func isOfMany(_ field: Substring) -> Bool {
        guard let name = exceptions[String(field)] else { return false }
        return exceptions.values.count { $0 == name } > 1
    }

    /// A field as the API writes it, which no other word looks like.
    private static var field: Regex<Substring> { /\/?[a-z][a-z0-9]*(?:_[a-z0-9]+)+/ }

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
        failure.fields = fields.map {
            RefusedField(name: names.name(of: $0.name) ?? Self.words($0.name), detail: names.text($0.detail))
        }
        failure.lines = lines.map(names.text)
        return failure
    }

    /// What no option fills, such as `/request_id`: "The request id".
    private static func words(_ pointer: String) -> String {
        "The " + (pointer.split(separator: "/").last ?? "request").replacing("_", with: " ")
    }
}
