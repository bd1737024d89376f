import Foundation

/// The environment of `serve`, `migrate` and `verify`. A variable that cannot be used stops the command: a setting that is
/// ignored in silence would be found out too late.
struct ServerVariables {
    private let values: [String: String]

    init(_ values: [String: String] = ProcessInfo.processInfo.environment) throws(CommandFailure) {
        try ServerVariable.check(values.keys)
        self.values = values
    }

    /// Nil where the variable is not set.
    func text(_ variable: ServerVariable) throws(CommandFailure) -> String? {
        guard let value = values[variable.rawValue] else { return nil }
        guard !value.isEmpty else {
            throw CommandFailure(.usage, "\(variable.rawValue) is empty. Give it a value, or unset it.")
        }
        return value
    }

    func whole(_ variable: ServerVariable, from range: ClosedRange<Int>) throws(CommandFailure) -> Int? {
        guard let text = try text(variable) else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw CommandFailure(
                .usage,
                "\(variable.rawValue) must be a whole number from \(range.lowerBound) to \(range.upperBound), without a unit."
            )
        }
        return value
    }

    func flag(_ variable: ServerVariable) throws(CommandFailure) -> Bool? {
        guard let text = try text(variable) else { return nil }
        guard let value = Bool(text) else {
            throw CommandFailure(.usage, "\(variable.rawValue) must be true or false.")
        }
        return value
    }

    func choice<Choice: RawRepresentable & CaseIterable>(_ variable: ServerVariable) throws(CommandFailure) -> Choice?
    where Choice.RawValue == String {
        guard let text = try text(variable) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let choices = Choice.allCases.map(\.rawValue)
            let list = choices.dropLast().joined(separator: ", ")
            throw CommandFailure(.usage, "\(variable.rawValue) must be \(list) or \(choices.last ?? "").")
        }
        return choice
    }
}
