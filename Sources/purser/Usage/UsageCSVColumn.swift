import Accounting
import JSON
import Wording

/// The place in an event where the values of one CSV column go.
enum UsageCSVColumn: Equatable {
    case text(String)
    case number(String)
    /// `tags.KEY`
    case tag(String)
    /// All tags as a JSON object.
    case tags
    /// The kind of an entry, in what `usage tail` wrote.
    case kind
    /// What the ledger makes itself, in what `usage tail` wrote.
    case made(String)
    /// A whole usage object as JSON.
    case usage
    /// Any other name is a meter, unless it is nearly that of a field. Meters are data: those that only the price book has are
    /// not listed here, and the server refuses what it does not have.
    case meter(String)

    private static let textFields: Set<String> = [
        "id", "source", "occurred_at", "team", "feature", "user", "run", "model", "provider", "service_tier", "region",
        "usage_format", "status", "provider_request_id", "provider_cost_usd",
    ]
    private static let numberFields: Set<String> = ["latency_ms", "quality", "attempt"]
    private static let madeFields: Set<String> = [
        "recorded_at", "entry_id", "corrects_entry_id", "requested_model", "residual_tokens", "cost_usd",
        "list_cost_usd", "warnings", "batch",
    ]
    private static let tagPrefix = "tags."
    private static let fields = textFields.union(numberFields).union(["usage", "tags", "kind", "request_id"])

    init(_ name: String) throws(CommandFailure) {
        if Self.textFields.contains(name) {
            self = .text(name)
        } else if Self.numberFields.contains(name) {
            self = .number(name)
        } else if name == "request_id" {
            // As the answers of the API call it.
            self = .text("id")
        } else if name == "usage" {
            self = .usage
        } else if name == "tags" {
            self = .tags
        } else if name == "kind" {
            self = .kind
        } else if Self.madeFields.contains(name) {
            self = .made(name)
        } else if name.hasPrefix(Self.tagPrefix), name.utf8.count > Self.tagPrefix.utf8.count {
            self = .tag(String(name.dropFirst(Self.tagPrefix.count)))
        } else if let first = name.utf8.first, first >= UInt8(ascii: "a"), name.utf8.allSatisfy(Self.isMeterByte),
            Meter(name).isNamed || NearestNames.of(name, among: Self.fields).isEmpty
        {
            self = .meter(name)
        } else {
            let known = Self.fields.union(Meter.named.map(\.name))
            let hint = NearestNames.hint(for: name.lowercased().replacing(" ", with: "_"), among: known)
            throw CommandFailure(
                .refused,
                """
                The header's column '\(name)' is neither a field of an event, nor tags.KEY, nor the name of a \
                meter\(hint).
                """)
        }
    }

    var isMeter: Bool {
        if case .meter = self { true } else { false }
    }

    /// Whether it says how much was used.
    var isQuantity: Bool { isMeter || self == .usage }

    /// What is wrong with a value of this column; nil where the value is valid.
    func complaint(about text: String) -> String? {
        switch self {
        case .text, .tag, .made: return nil
        case .tags: return Self.kind(text) == .object ? nil : "tags is not a JSON object"
        case .kind:
            return text == "usage" ? nil : "it is of the kind \(text), and only calls (usage) are imported"
        case .number(let name): return Self.kind(text) == .number ? nil : "\(name) is not a number: '\(text)'"
        case .usage: return Self.kind(text) == .object ? nil : "usage is not a JSON object"
        case .meter(let name):
            guard Self.kind(text) == .number, let quantity = Int64(text), quantity >= 0 else {
                return "\(name), as a meter, must be a whole number, not '\(text)'"
            }
            return nil
        }
    }

    private static func kind(_ text: String) -> JSONDocument.Kind? { (try? JSONDocument(text: text))?.root.kind }

    private static func isMeterByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
        default: false
        }
    }
}
