import Accounting
import Postgres

extension ReportDefinition {
    /// The report's rows in their order, each with `is_total` false, and after them one with the totals. Both are of one
    /// reading of the sums.
    ///
    /// Placeholders in the SQL of a file become bound parameters: `:from`, `:to`, `:month` (the first day of the range's first
    /// month), `:team` (NULL for all), `:NAME` of a parameter of names (an array, NULL where it is not given), `:NAME_1` and
    /// so on of a grouping, `:tag_keys` and `:tag_values` of all tags. `:in_range` is a condition on the columns
    /// `booking_month` and `day`: the posting day is in the range. `::` is a cast.
    func statement(_ query: ReportQuery) -> SQL {
        let columns = shownColumns(query)
        let names = columns.map { SQL("\(identifier: $0.source)").text }
        let totals = columns.map { $0.total ?? "NULL" }
        let list = (["is_total", "row_place"] + names).joined(separator: ", ")
        var statement: SQL = """
            WITH report AS MATERIALIZED (
                SELECT false AS is_total, row_number() OVER () AS row_place, lines.* FROM (
            """
        statement += "\n" + filled(query)
        statement += "\n    ) lines)\nSELECT \(unescaped: list) FROM report"
        if columns.contains(where: \.isTotalled) {
            let sums = (["true", "NULL"] + totals).joined(separator: ", ")
            statement += "\nUNION ALL SELECT \(unescaped: sums) FROM report"
        }
        return statement + "\nORDER BY is_total, row_place"
    }

    /// The names after each single colon of some SQL.
    static func placeholders(in body: String) -> [String] {
        var names: [String] = []
        var rest = Substring(body)
        while let (_, name, after) = next(in: rest) {
            if let name { names.append(String(name)) }
            rest = after
        }
        return names
    }

    /// Whether a placeholder means something.
    func isKnown(_ placeholder: String) -> Bool {
        if ["from", "to", "month", "team", "in_range", "tag_keys", "tag_values"].contains(placeholder) { return true }
        return parameters.contains { parameter in
            switch parameter.kind {
            case .grouping(_, let most): (1...most).contains { placeholder == "\(parameter.name)_\($0)" }
            default: parameter.name == placeholder
            }
        }
    }

    private func filled(_ query: ReportQuery) -> SQL {
        var statement: SQL = ""
        var rest = Substring(body)
        while let (before, name, after) = Self.next(in: rest) {
            statement += SQL(unescaped: String(before))
            if let name { statement += value(of: String(name), query) }
            rest = after
        }
        return statement + SQL(unescaped: String(rest))
    }

    /// What is before the next placeholder of `text`, its name, and what is after it. A colon that begins none is part of
    /// what is before, and there is no name.
    private static func next(in text: Substring) -> (before: Substring, name: Substring?, after: Substring)? {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let after = text[text.index(after: colon)...]
        if after.hasPrefix(":") { return (text[..<after.index(after: after.startIndex)], nil, after.dropFirst()) }
        let name = after.prefix { $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "_") }
        guard name.first?.isLowercase == true else { return (text[..<after.startIndex], nil, after) }
        return (text[..<colon], name, after[name.endIndex...])
    }

    private func value(of placeholder: String, _ query: ReportQuery) -> SQL {
        switch placeholder {
        case "from": return "\(query.range.from)"
        case "to": return "\(query.range.to)"
        case "month": return "\(query.range.from.month.firstDay)"
        case "team": return "\(query.team)"
        case "tag_keys": return "\(query.tags.map(\.key))"
        case "tag_values": return "\(query.tags.map(\.value))"
        case "in_range": return Self.postingDay(isIn: query.range)
        default:
            for parameter in parameters {
                let values = query.values[parameter.name]
                switch parameter.kind {
                case .grouping(_, let most):
                    for place in 1...most where placeholder == "\(parameter.name)_\(place)" {
                        let value = values.flatMap { $0.count >= place ? $0[place - 1] : nil }
                        return "\(value)::text"
                    }
                case .choice where parameter.name == placeholder: return "\(values?.first)::text"
                default: if parameter.name == placeholder { return "\(values)::text[]" }
                }
            }
            preconditionFailure("the definition knows its placeholders")
        }
    }

    /// A posting day is of the month that is booked in, so the months alone bound it, along an index.
    private static func postingDay(isIn range: ReportRange) -> SQL {
        let months: SQL = "booking_month >= \(range.from.month.firstDay) AND booking_month < \(range.to)"
        let (isFirst, isLast) = (range.from == range.from.month.firstDay, range.to == range.to.month.firstDay)
        if isFirst, isLast { return "(\(sql: months))" }
        return """
            (\(sql: months) AND GREATEST(day, booking_month) >= \(range.from) AND GREATEST(day, booking_month) < \(range.to))
            """
    }
}
