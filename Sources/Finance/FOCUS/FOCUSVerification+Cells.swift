import Accounting
import JSON

/// What stands in a cell, whatever is beside it, and whether it may be empty.
extension FOCUSVerification {
    private static let standIns: Set<String> = ["null", "n/a", "na", "none", "nan", "nil", "-"]

    mutating func checkContent(_ column: FOCUSColumn<FOCUSCharge>, _ row: FOCUSRecord) {
        guard places[column.name] != nil else { return }
        guard let text = row[column.name] else { return checkNull(column, row) }
        checkPresence(column, row)
        if Self.standIns.contains(text.lowercased()) {
            return note(.null, row.line, column.name, "says \(text) where an empty field stands for null")
        }
        switch column.content {
        case .text: break
        case .decimal:
            if FOCUSNumber(text) == nil {
                note(.number, row.line, column.name, "is no plain number such as -12.5: \(text)")
            }
        case .dateTime:
            if !Self.isTime(text) {
                note(.date, row.line, column.name, "is not written in UTC as 2026-10-01T00:00:00Z: \(text)")
            }
        case .keyValues:
            if !Self.isFlatObject(text) {
                note(.json, row.line, column.name, "is no JSON object of plain values: \(text)")
            }
        }
    }

    private mutating func checkNull(_ column: FOCUSColumn<FOCUSCharge>, _ row: FOCUSRecord) {
        let isMissing =
            switch column.nulls {
            case .allowed: false
            case .never: true
            case .neverWherePriced: row.isOf("Usage", "Purchase") && !row.isCorrection
            case .neverWhereUsed: row.isOf("Usage") && !row.isCorrection
            }
        guard isMissing else { return }
        note(.missing, row.line, column.name, "is empty in a row of the category \(row["ChargeCategory"] ?? "null")")
    }

    private mutating func checkPresence(_ column: FOCUSColumn<FOCUSCharge>, _ row: FOCUSRecord) {
        let isUnexpected =
            switch column.nulls {
            case .allowed, .never: false
            // What prices are in stands in rows of taxes too.
            case .neverWherePriced: row.isOf("Tax") && column.name != "PricingUnit"
            case .neverWhereUsed: !row.isOf("Usage")
            }
        guard isUnexpected else { return }
        note(
            .unexpected, row.line, column.name,
            "has a value in a row of the category \(row["ChargeCategory"] ?? "null")")
    }

    static func isTime(_ text: String) -> Bool {
        let pattern = Array("0000-00-00T00:00:00Z".utf8)
        let bytes = Array(text.utf8)
        guard bytes.count == pattern.count else { return false }
        let isOfForm = zip(bytes, pattern).allSatisfy { byte, wanted in
            wanted == UInt8(ascii: "0") ? byte &- UInt8(ascii: "0") <= 9 : byte == wanted
        }
        return isOfForm && Timestamp(rfc3339: text) != nil
    }

    private static func isFlatObject(_ text: String) -> Bool {
        guard let root = try? JSONDocument(text: text).root, root.kind == .object else { return false }
        return root.fields.allSatisfy { $0.value.kind != .object && $0.value.kind != .array }
    }
}
