import ArgumentParser

/// Amounts, shares and counts below zero. Options of numbers are parsed `.unconditional`, so that a minus sign is not taken
/// for the beginning of another option, and what is wrong is said.
enum Negative {
    static func refuse(_ text: String) throws {
        guard text.hasPrefix("-"), let next = text.dropFirst().first, next == "." || ("0"..."9").contains(next) else {
            return
        }
        throw ValidationError("it must not be negative")
    }
}
