import JSON
import Yams

/// Budgets as a file: under `budgets`, by their ids, what a `PUT` of each says.
///
/// What the order of the file does not mean is put in the order in which the server tells it, so that it is no difference.
struct BudgetFile {
    struct Entry {
        let id: String
        /// JSON.
        let settings: JSONValue

        func body(reason: String?) -> RequestBody {
            .object { writer in
                for (name, value) in settings.fields where reason == nil || name != "reason" {
                    writer.name(of: name)
                    writer.verbatim(value.source)
                }
                if let reason { writer.field("reason", reason) }
            }
        }

        /// Writes the settings with the id among them.
        func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.field("id", id)
                for (name, value) in settings.fields where name != "id" {
                    writer.name(of: name)
                    writer.verbatim(value.source)
                }
            }
        }
    }

    static let maximumBytes = 16 << 20
    private static let required = ["scope", "period"]

    let entries: [Entry]

    init(_ text: String) throws {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw CommandFailure(.refused, "The file is not YAML: \(error)")
        }
        guard case .mapping(let top)? = root, top.count == 1, case .mapping(let budgets)? = top["budgets"] else {
            throw CommandFailure(.refused, "The file must have budgets, by their ids, under the one key 'budgets'.")
        }
        entries = try budgets.map { key, value in
            guard let id = key.string, case .mapping = value else {
                throw CommandFailure(.refused, "A budget in the file has no id, or no fields: \(key.string ?? "?")")
            }
            for name in Self.required where value[name] == nil {
                throw CommandFailure(
                    .refused, "The budget \(id) in the file has no \(name). A scope of {} counts every team's calls.")
            }
            var writer = JSONWriter()
            Self.write(value, "", isMoney: value["limit_usd"] != nil, to: &writer)
            return Entry(id: try Name.checked(id), settings: try JSONDocument(writer.bytes).root)
        }
    }

    private static let scopeOrder = ["team", "feature", "user", "run", "model", "provider", "tags"]

    /// - Parameters:
    ///   - place: the field that has the value.
    ///   - isMoney: whether the budget counts money, which is a text.
    private static func write(_ node: Node, _ place: String, isMoney: Bool, to writer: inout JSONWriter) {
        switch node {
        case .mapping(let mapping):
            var fields = mapping.map { (name: $0.string ?? "", value: $1) }
            switch place {
            case "scope":
                fields.sort { (scopeOrder.firstIndex(of: $0.name) ?? 9) < (scopeOrder.firstIndex(of: $1.name) ?? 9) }
            case "tags", "planned": fields.sort { $0.name < $1.name }
            default: break
            }
            writer.object { writer in
                for (name, value) in fields {
                    writer.name(of: name)
                    let isText = place == "scope" || place == "tags" || place == "planned" && isMoney
                    write(value, isText ? (name == "tags" ? "tags" : "text") : name, isMoney: isMoney, to: &writer)
                }
            }
        case .sequence(let sequence):
            let items = sequence.map(\.self).sorted { ($0.float ?? 0) < ($1.float ?? 0) }
            writer.array(items) { write($1, place, isMoney: isMoney, to: &$0) }
        case .scalar(let scalar):
            let text = scalar.string
            let isPlain = scalar.style == .plain || scalar.style == .any
            if isPlain, ["null", "~", ""].contains(text) {
                writer.null()
            } else if place == "text" || place.hasSuffix("_usd") || !isPlain {
                writer.string(text)
            } else if ["true", "false"].contains(text) || text.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?/) != nil {
                writer.verbatim(text)
            } else {
                writer.string(text)
            }
        case .alias: writer.null()
        }
    }
}

extension BudgetFile {
    /// What a budget has where nobody sets it.
    private static let usual: [String: String] = [
        "unpriced": "deny", "carry_over": "none", "pacing": "false", "unsettled": "record", "time_zone": "UTC",
    ]

    /// The file with budgets as the API tells them.
    static func text(_ budgets: [JSONValue]) -> String {
        if budgets.isEmpty { return "budgets: {}\n" }
        return "budgets:\n"
            + budgets.map { budget in
                "  \(plain(Cell(budget["id"]).plain)):\n"
                    + budget.fields.filter { BudgetSettings.isSetting($0.name) && !isUsual($0.name, $0.value) }
                    .map { "    \($0.name): \(value($0.value, isMoney: $0.name.hasSuffix("_usd")))\n" }.joined()
            }.joined()
    }

    private static func isUsual(_ name: String, _ value: JSONValue) -> Bool {
        // The scope of the whole company is empty, and has to be said.
        if value.isNull || value.source == "[]" || value.source == "{}" && name != "scope" { return true }
        return usual[name].map { $0 == Cell(value).plain } ?? false
    }

    private static func value(_ value: JSONValue, isMoney: Bool) -> String {
        guard let text = value.string else { return value.source }
        return isMoney ? text : plain(text)
    }

    /// A text without quotes where YAML reads it as that text.
    private static func plain(_ text: String) -> String {
        if text.wholeMatch(of: /[A-Za-z][A-Za-z0-9_\/.-]*/) != nil,
            !["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(text.lowercased())
        {
            return text
        }
        var writer = JSONWriter()
        writer.string(text)
        return writer.text
    }
}
