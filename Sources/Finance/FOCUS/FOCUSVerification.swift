/// Checks the rows of a file of cost and usage, one after the other, by the rules that the official validator does not
/// check: what it looks at, it looks at after its reader has mended dates and numbers, and most of its rules for rows that
/// are no corrections never fire.
package struct FOCUSVerification: Sendable {
    /// The first findings of each rule.
    package private(set) var findings: [FOCUSFinding] = []
    /// How many cells break each rule.
    package private(set) var counts: [FOCUSFinding.Rule: Int] = [:]
    package private(set) var rows = 0
    /// The sum of BilledCost in 1e-22 USD; nil where a row has no number or the sum does not fit.
    package private(set) var total: Int128? = 0
    package let version: FOCUSVersion

    private static let mostOfARule = 20

    let places: [String: Int]
    let columns: [FOCUSColumn<FOCUSCharge>]
    private let width: Int
    var skus: [String: String] = [:]
    var categories: [String: String] = [:]
    /// By issuer and billing period.
    var invoices: [[String]: String] = [:]

    /// An amount as files write it, in 1e-22 USD; nil where it is no number.
    package static func amount(_ text: String) -> Int128? { FOCUSNumber(text)?.amount }

    package init(header: [String]) {
        version = header.contains("ProviderName") ? .v1_2 : .v1_4
        columns = .of(version).filter { !$0.name.hasPrefix("x_") }
        places = Dictionary(header.enumerated().map { ($1, $0) }) { first, _ in first }
        width = header.count
        checkHeader(header)
    }

    private mutating func checkHeader(_ header: [String]) {
        let known = Set(columns.map(\.name))
        for column in columns where places[column.name] == nil {
            note(.columns, 1, column.name, "is missing from the columns of FOCUS \(version.rawValue)")
        }
        for (place, name) in header.enumerated() {
            if places[name] != place { note(.columns, 1, name, "is there twice") }
            if !known.contains(name), !name.hasPrefix("x_") {
                note(.columns, 1, name, "is no column of FOCUS \(version.rawValue); columns of one's own begin with x_")
            }
        }
    }

    package mutating func check(_ fields: [String], line: Int) {
        rows += 1
        guard fields.count == width else {
            return note(.columns, line, nil, "The row has \(fields.count) fields, the header has \(width).")
        }
        let row = FOCUSRecord(fields: fields, places: places, line: line)
        for column in columns { checkContent(column, row) }
        checkCosts(row)
        checkTimes(row)
        checkNames(row)
        let cost = row["BilledCost"].flatMap(FOCUSNumber.init)?.amount
        total = total.flatMap { total in
            cost.flatMap { cost in
                let (sum, isOver) = total.addingReportingOverflow(cost)
                return isOver ? nil : sum
            }
        }
    }

    /// Compares the sum with what it must be, in 1e-22 USD.
    package mutating func check(total wanted: Int128) {
        guard total != wanted else { return }
        let sum = total.map { FOCUSDecimal(amount: $0).text } ?? "no number"
        note(.total, 1, "BilledCost", "comes to \(sum), and not to \(FOCUSDecimal(amount: wanted).text)")
    }

    package mutating func noteUnreadable(line: Int, _ detail: String) {
        rows += 1
        total = nil
        note(.columns, line, nil, "The row cannot be read: \(detail).")
    }

    mutating func note(_ rule: FOCUSFinding.Rule, _ line: Int, _ column: String?, _ detail: String) {
        counts[rule, default: 0] += 1
        guard counts[rule, default: 0] <= Self.mostOfARule else { return }
        findings.append(FOCUSFinding(rule: rule, line: line, column: column, detail: detail))
    }
}

/// A row by the names of its columns.
struct FOCUSRecord {
    let fields: [String]
    let places: [String: Int]
    let line: Int

    /// Nil where the field is empty, which means null, or there is no such column.
    subscript(name: String) -> String? {
        guard let place = places[name], !fields[place].isEmpty else { return nil }
        return fields[place]
    }

    var isCorrection: Bool { self["ChargeClass"] == "Correction" }
    func isOf(_ categories: String...) -> Bool { self["ChargeCategory"].map(categories.contains) ?? false }
}
