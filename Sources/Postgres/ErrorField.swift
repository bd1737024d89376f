import CPostgres

/// Fields of an error or a notice. libpq names them by character macros, which Swift does not import.
/// https://www.postgresql.org/docs/current/protocol-error-fields.html
enum ErrorField: Character {
    /// Never translated, unlike the field `S`.
    case severity = "V"
    case sqlState = "C"
    case message = "M"
    case detail = "D"
    case hint = "H"
    case context = "W"
    case position = "P"
    case constraintName = "n"
    case sourceFunction = "R"

    func value(in result: OpaquePointer) -> String? {
        guard let code = rawValue.asciiValue, let text = PQresultErrorField(result, Int32(code)) else { return nil }
        return String(cString: text)
    }
}
