import Accounting
import JSON

extension JSONFields {
    /// The fields `period` and `starts_on`.
    mutating func period() -> Period? {
        let names = Period.names.joined(separator: ", ")
        let rolling = RollingPeriod.Unit.allCases.map { "{\"\($0.rawValue)\": 1…\($0.most)}" }.joined(separator: " or ")
        let period = required("period", "one of \(names), or \(rolling)", Period.init(json:))
        guard let start = value("starts_on") else { return period }
        guard let period else { return nil }
        if let text = start.string ?? start.integer.map(String.init), let started = period.starting(on: text) {
            return started
        }
        switch period {
        case .week: refuse("starts_on", "must be monday or sunday for a week")
        case .quarter, .year: refuse("starts_on", "must be the first month of a fiscal year, 1 to 12")
        default: refuse("starts_on", "is for weeks, quarters and years only")
        }
        return nil
    }
}

extension Period {
    fileprivate init?(json: JSONValue) {
        if let name = json.string {
            self.init(name: name)
            return
        }
        let fields = Array(json.fields)
        guard json.kind == .object, fields.count == 1, let unit = RollingPeriod.Unit(rawValue: fields[0].name),
            let count = fields[0].value.integer, let rolling = RollingPeriod(Int(clamping: count), unit)
        else { return nil }
        self = .rolling(rolling)
    }

    /// Writes the fields `period` and, where it applies, `starts_on`.
    package func write(to writer: inout JSONWriter) {
        writer.name("period")
        if let rolling {
            writer.object { $0.field(named: rolling.unit.rawValue, Int64(rolling.count)) }
        } else {
            writer.string(name)
        }
        switch self {
        case .week(let start): writer.field("starts_on", start.rawValue)
        case .quarter(let month), .year(let month): writer.field("starts_on", Int64(month))
        default: break
        }
    }
}
