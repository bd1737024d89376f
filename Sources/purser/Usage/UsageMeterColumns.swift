import Accounting
import JSON
import Wording

/// The columns of CSV that say what entries used, a meter each, as `usage import` takes them.
struct UsageMeterColumns {
    private static let wholes = [Meter.input.name, Meter.output.name]

    private var names: [String]

    /// `isAll` says that no other entries follow, whose meters need columns too.
    init(of entries: [JSONValue], isAll: Bool) {
        let used = Self.meters(of: entries)
        let named = Meter.named.map(\.name)
        names = named.filter { !Self.wholes.contains($0) && (!isAll || used.contains($0)) }
        names += used.subtracting(named).sorted()
    }

    private static func meters(of entries: [JSONValue]) -> Set<String> {
        Set(entries.compactMap { $0["usage"] }.flatMap { $0.fields.map(\.name) })
    }

    /// `columns` with those of the meters in place of that of the whole usage.
    func within(_ columns: [Column]) -> [Column] {
        columns.flatMap { column -> [Column] in
            switch column.name {
            case "usage": []
            case Meter.input.name: [Self.input]
            case Meter.output.name: [column] + names.map(Self.meter)
            case "tags": [Self.tags]
            case "warnings": [Column("warnings") { $0["warnings"].map { .text($0.source) } ?? .absent }]
            default: [column]
            }
        }
    }

    /// The whole prompt. Tokens of which only the total is known have a column of their own.
    private static let input = Column(Meter.input.name) { entry in
        let unsplit = entry["usage"]?.field(Meter.unsplit.name)?.integer ?? 0
        return entry.field(Meter.input.name)?.integer.map { .number(String($0 - unsplit)) } ?? .absent
    }

    private static let tags = Column("tags") { entry in
        guard let tags = entry["tags"], tags.fields.contains(where: { _ in true }) else { return .absent }
        return .text(tags.source)
    }

    private static func meter(_ name: String) -> Column { Column(name) { Cell($0["usage"]?.field(name)) } }

    /// What must be told of later entries that use a meter without a column; once a meter.
    mutating func missing(in entries: [JSONValue]) -> String? {
        let missing = Self.meters(of: entries).subtracting(names).subtracting(Self.wholes).sorted()
        guard !missing.isEmpty else { return nil }
        names += missing
        return "There is no column for \(Phrase.all(missing)), which no entry had used when the header was written."
    }
}
