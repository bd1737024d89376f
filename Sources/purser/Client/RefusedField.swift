/// A field of a request that the server did not take.
struct RefusedField: Equatable, CustomStringConvertible {
    /// Its JSON pointer, until the command that sent it knows it by another name.
    var name: String
    /// Completes the sentence that begins with the name.
    var detail: String

    var description: String { "\(name) \(detail)." }
}
