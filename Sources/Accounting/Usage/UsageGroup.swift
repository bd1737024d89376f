import JSON

/// An object of counts inside a usage object, and the path by which an error points to it.
struct UsageGroup {
    let value: JSONValue
    /// The path to the object, without its own name.
    let prefix: String
    let name: StaticString
    /// Whether it is one of a list of objects, whose counts add up.
    var isElement = false

    /// The object of this name inside this one; nil if it is absent or not an object.
    func group(_ name: StaticString) -> UsageGroup? {
        guard let inner = value[name], inner.kind == .object else { return nil }
        return UsageGroup(value: inner, prefix: path, name: name)
    }

    func path(to field: StaticString) -> String { path.isEmpty ? "\(field)" : "\(path)/\(field)" }

    private var path: String {
        // Most groups are direct fields of the usage object. Their paths are built only for errors.
        if name.utf8CodeUnitCount == 0 { return prefix }
        return prefix.isEmpty ? "\(name)" : "\(prefix)/\(name)"
    }
}
