import Finance
import JSON
import Wording

/// Reads the usage events of a file.
enum UsageFile {
    case csv(CSVRecords, UsageCSVHeader)
    case ndjson(TextLines)
    /// Calls in a router's log.
    case log([ProviderUsage.Event], next: Int)

    static func csv(_ feed: ByteFeed) throws -> UsageFile {
        var records = CSVRecords(feed)
        switch try records.next() {
        case nil: throw CommandFailure(.refused, "The file is empty; its first line must name the columns.")
        case .unreadable(let line, let detail)?:
            throw CommandFailure(.refused, "Line \(line) must name the columns, and cannot be read: \(detail).")
        case .record(let header)?: return .csv(records, try UsageCSVHeader(header.fields))
        }
    }

    /// Nil of a file that is not CSV.
    var header: UsageCSVHeader? {
        if case .csv(_, let header) = self { header } else { nil }
    }

    mutating func next() throws -> UsageEvent? {
        switch self {
        case .csv(var records, let header):
            let row = try records.next()
            self = .csv(records, header)
            switch row {
            case .record(let record)?: return header.event(record)
            case .unreadable(let line, let detail)?: return .refused(line: line, detail: detail)
            case nil: return nil
            }
        case .ndjson(var lines):
            let line = try lines.next()
            self = .ndjson(lines)
            return line.map(Self.event)
        case .log(let events, let next):
            guard next < events.count else { return nil }
            self = .log(events, next: next + 1)
            return UsageEvent(events[next])
        }
    }

    /// Checks a line before it is sent, so that no malformed line goes to the server.
    private static func event(_ line: TextLines.Line) -> UsageEvent {
        guard let bytes = line.bytes else {
            return .refused(line: line.number, detail: "the line is longer than 1 MiB")
        }
        do {
            guard try JSONDocument(bytes).root.kind == .object else {
                return .refused(line: line.number, detail: "an event must be a JSON object")
            }
            return .ready(line: line.number, json: bytes)
        } catch {
            guard case .malformed(let detail, let offset) = error else {
                return .refused(line: line.number, detail: "the line is not JSON")
            }
            return .refused(line: line.number, detail: "the line is not JSON: \(detail) (character \(offset + 1))")
        }
    }
}

extension UsageEvent {
    init(_ event: ProviderUsage.Event) {
        switch event {
        case .ready(let line, let json): self = .ready(line: line, json: json)
        case .refused(let line, let detail): self = .refused(line: line, detail: detail)
        }
    }
}
