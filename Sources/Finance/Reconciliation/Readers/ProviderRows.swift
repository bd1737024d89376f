import Accounting
import JSON
import Wording

/// The rows of an export that comes as CSV or as JSON: a list of objects, one object a line, or a list under `data`.
struct ProviderRows {
    let rows: [ProviderRow]

    init(_ bytes: [UInt8]) throws {
        let first = bytes.first { !" \n\r\t".utf8.contains($0) && ![0xEF, 0xBB, 0xBF].contains($0) }
        rows = first == UInt8(ascii: "{") || first == UInt8(ascii: "[") ? try Self.json(bytes) : try Self.csv(bytes)
        if rows.isEmpty { throw ProviderFileFailure("the file has no rows") }
    }

    private static func json(_ bytes: [UInt8]) throws -> [ProviderRow] {
        var place = 0
        return try JSONPages.read(bytes).flatMap { page in
            page["data"].map { Array($0.elements) } ?? [page]
        }.map {
            place += 1
            return ProviderRow(place: place, $0)
        }
    }

    private static func csv(_ bytes: [UInt8]) throws -> [ProviderRow] {
        var records = CSVRecords(ByteFeed(bytes))
        var (columns, width): ([String: Int]?, Int) = (nil, 0)
        var rows: [ProviderRow] = []
        while let row = try records.next() {
            switch row {
            case .unreadable(let line, let detail): throw ProviderFileFailure(detail, at: line)
            case .record(let record):
                guard let known = columns else {
                    let names = record.fields.enumerated().map { (ProviderRow.key($1), $0) }
                    columns = Dictionary(names, uniquingKeysWith: { first, _ in first })
                    width = record.fields.count
                    continue
                }
                guard record.fields.count == width else {
                    throw ProviderFileFailure(
                        "it has \(record.fields.count) fields, and the heading has \(width)", at: record.line)
                }
                rows.append(ProviderRow(place: record.line, columns: known, fields: record.fields))
            }
        }
        return rows
    }
}

/// The documents of a file of JSON: one, a list of them, or one a line, as pages of an API are kept.
enum JSONPages {
    static func read(_ bytes: [UInt8]) throws -> [JSONValue] {
        let bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        do {
            let root = try JSONDocument(bytes).root
            return root.kind == .array ? Array(root.elements) : [root]
        } catch {
            let lines = bytes.split(separator: UInt8(ascii: "\n"))
            guard lines.count > 1, let first = lines.first, (try? JSONDocument(Array(first))) != nil else {
                throw ProviderFileFailure("the file is not JSON: \(Self.words(error))")
            }
            return try lines.enumerated().compactMap { index, line in
                if line.allSatisfy({ " \r\t".utf8.contains($0) }) { return nil }
                do {
                    return try JSONDocument(Array(line)).root
                } catch {
                    throw ProviderFileFailure("the line is not JSON: \(Self.words(error))", at: index + 1)
                }
            }
        }
    }

    private static func words(_ failure: any Error) -> String {
        guard case JSONFailure.malformed(let detail, let offset)? = failure as? JSONFailure else { return "\(failure)" }
        return "\(detail), at byte \(offset)"
    }
}

/// One row of an export, whose values are texts, so that no number becomes a binary one.
struct ProviderRow {
    let place: Int
    private let columns: [String: Int]
    private let fields: [String]

    init(place: Int, columns: [String: Int], fields: [String]) {
        (self.place, self.columns, self.fields) = (place, columns, fields)
    }

    /// Of a JSON object; fields of objects within it are called `outer.inner`.
    init(place: Int, _ object: JSONValue) {
        var (columns, fields): ([String: Int], [String]) = ([:], [])
        func add(_ value: JSONValue, _ path: String) {
            switch value.kind {
            case .object: for (name, inner) in value.fields { add(inner, path + name) }
            case .null: return
            case .string, .number, .bool, .array:
                columns[Self.key(path)] = fields.count
                fields.append(value.string ?? value.source)
            }
        }
        add(object, "")
        self.init(place: place, columns: columns, fields: fields)
    }

    /// Exports spell their columns `service.description`, `service_description` or `ServiceDescription`.
    static func key(_ name: String) -> String {
        String(decoding: name.lowercased().utf8.filter { !"._/: ".utf8.contains($0) }, as: UTF8.self)
    }

    /// The first of several columns that has something in this row.
    func text(_ names: String...) -> String? {
        for name in names {
            if let index = columns[Self.key(name)], index < fields.count, !fields[index].isEmpty {
                return fields[index]
            }
        }
        return nil
    }

    /// The fields of an object within it.
    func within(_ object: String) -> ProviderRow {
        let prefix = Self.key(object)
        let inner = columns.filter { $0.key.hasPrefix(prefix) }.map {
            (String($0.key.dropFirst(prefix.count)), $0.value)
        }
        return ProviderRow(place: place, columns: Dictionary(inner) { first, _ in first }, fields: fields)
    }

    func has(_ name: String) -> Bool { columns[Self.key(name)] != nil }
    var columnNames: Set<String> { Set(columns.keys) }

    func decimal(_ names: String..., shift: Int = 0) throws -> ExactDecimal? {
        for name in names {
            guard let text = text(name) else { continue }
            guard let value = ExactDecimal(text, shift: shift) else {
                throw ProviderFileFailure(
                    "\(name) is no decimal of at most 36 places below a billion billions: \(text.prefix(64))", at: place
                )
            }
            return value
        }
        return nil
    }

    /// The day in UTC of a time that is written as people and programs do.
    func day(_ names: String...) throws -> CalendarDay {
        for name in names {
            guard let text = text(name) else { continue }
            guard let day = ProviderTime.day(text) else {
                throw ProviderFileFailure("\(name) is no day or time: \(text.prefix(64))", at: place)
            }
            return day
        }
        throw ProviderFileFailure("there is no \(names[0])", at: place)
    }

    /// Only USD is compared: the ledger has no other.
    func requireDollars(_ currency: String?) throws {
        guard let currency, currency.uppercased() != "USD" else { return }
        throw ProviderFileFailure("the amounts are in \(currency.prefix(8)); export them in USD", at: place)
    }
}

/// Days of times as providers write them: seconds since 1970, ISO with and without an offset (then it is UTC), with a space
/// or a `T`, with a zone's name `UTC`, or a day alone.
enum ProviderTime {
    static func day(_ text: String) -> CalendarDay? {
        if let day = CalendarDay(text: text) { return day }
        if let day = american(text) { return day }
        if text.utf8.count >= 9, text.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") <= 9 }), let seconds = Int64(text) {
            return seconds < 10_000_000_000 ? Timestamp(seconds: seconds).day : nil
        }
        return Timestamp(providerTime: text)?.day
    }

    /// `10/31/2026`
    private static func american(_ text: String) -> CalendarDay? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, let month = Int(parts[0]), let day = Int(parts[1]), let year = Int(parts[2]) else {
            return nil
        }
        return CalendarDay(year: year, month: month, day: day)
    }
}

extension Timestamp {
    /// Reads a time with or without its offset; without one it is UTC.
    package init?(providerTime text: String) {
        let text = text.hasSuffix(" UTC") ? String(text.dropLast(4)) : text
        if let moment = Timestamp(rfc3339: text) ?? Timestamp(rfc3339: text + "Z") {
            self = moment
        } else if text.hasSuffix("+00"), let moment = Timestamp(rfc3339: text + ":00") {
            self = moment
        } else {
            return nil
        }
    }
}
