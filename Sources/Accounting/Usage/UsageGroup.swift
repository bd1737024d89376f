import JSON

/// An object of counts inside a usage object, and how an error points to it.
struct UsageGroup {
    let value: JSONValue
    /// What leads to it, without the last name.
    let prefix: String
    let name: StaticString

    /// An object inside this one; nil where it is absent or no object.
    func group(_ name: StaticString) -> UsageGroup? {
        guard let inner = value[name], inner.kind == .object else { return nil }
        return UsageGroup(value: inner, prefix: path, name: name)
    }

    func path(to field: StaticString) -> String { path.isEmpty ? "\(field)" : "\(path)/\(field)" }

    private var path: String {
        // Most stand right inside the usage object, where a path is made only for an error.
        if name.utf8CodeUnitCount == 0 { return prefix }
        return prefix.isEmpty ? "\(name)" : "\(prefix)/\(name)"
    }
}
