import ArgumentParser

/// Names of teams, features, users, runs and budgets, as the API accepts them.
enum Name {
    static func checked(_ text: String) throws -> String {
        guard (1...128).contains(text.utf8.count), text.utf8.allSatisfy(isAllowed) else {
            throw ValidationError("a name is 1 to 128 characters out of A-Z a-z 0-9 . _ : / @ + | = -")
        }
        return text
    }

    /// A value of a budget's scope: a name, or `*`, which gives each value a budget of its own.
    static func checkedOrWildcard(_ text: String) throws -> String { text == "*" ? text : try checked(text) }

    /// A model, a provider or the id of a token, in any form that the server knows.
    static func notEmpty(_ text: String) throws -> String {
        guard !text.isEmpty, text.utf8.count <= 256 else { throw ValidationError("it must be 1 to 256 characters") }
        return text
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "._:/@+|=-".utf8.contains(byte)
        }
    }
}
