import ArgumentParser

/// Whole numbers of tokens, calls and other things that are counted.
enum Quantity {
    static func argument(_ text: String) throws -> Int64 {
        try Negative.refuse(text)
        guard let value = Int64(text), text.utf8.first != UInt8(ascii: "+") else {
            throw ValidationError("write a whole number such as 1200")
        }
        return value
    }
}
