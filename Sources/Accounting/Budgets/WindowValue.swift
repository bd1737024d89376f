import JSON

/// The value whose window it is, of a budget with one window each: the run, say, for a scope with `"run": "*"`. Of several
/// such fields, the values in the order of `Scope.eachNames`.
package struct WindowValue: Hashable, Sendable {
    // Nearly all have one value, which needs no array.
    private let first: String
    /// Nil if there is no value at all.
    private let others: [String]?

    /// That of the windows of a budget without wildcards.
    package static let none = WindowValue([])

    package init(_ values: [String]) {
        first = values.first ?? ""
        others = values.isEmpty ? nil : Array(values.dropFirst())
    }

    package var isNone: Bool { others == nil }
    package var values: [String] { others.map { [first] + $0 } ?? [] }

    /// As it is stored and as it stands in a path: the value itself, or a JSON list where that would not be clear.
    package var text: String {
        guard let others else { return "" }
        if others.isEmpty, !first.isEmpty, !first.hasPrefix("[") { return first }
        var writer = JSONWriter()
        writer.array(values) { $0.string($1) }
        return writer.text
    }

    /// Reads `text`.
    package init?(text: String) {
        guard text.hasPrefix("[") else {
            self.init(text.isEmpty ? [] : [text])
            return
        }
        guard let root = try? JSONDocument(text: text).root, root.kind == .array else { return nil }
        let values = root.elements.map(\.string)
        guard !values.isEmpty, !values.contains(nil) else { return nil }
        self.init(values.compactMap(\.self))
    }

    /// The value of a call in the windows of `scope`. The call must have every field of the scope.
    package init(of who: Attribution, _ model: ModelName, in scope: Scope) {
        guard scope.hasWildcard else {
            self = .none
            return
        }
        var values: [String] = []
        for (field, _) in ScopeFields.all where scope.each.contains(field) {
            values.append(Self.value(of: field, who, model) ?? "")
        }
        for key in scope.eachTag { values.append(who.tag(key) ?? "") }
        self.init(values)
    }

    /// Whether the call's value in the windows of `scope` is this one. It allocates nothing.
    func isValue(of who: Attribution, _ model: ModelName, in scope: Scope) -> Bool {
        var place = 0
        for (field, _) in ScopeFields.all where scope.each.contains(field) {
            guard matches(Self.value(of: field, who, model), at: place) else { return false }
            place += 1
        }
        for key in scope.eachTag {
            guard matches(who.tag(key), at: place) else { return false }
            place += 1
        }
        return true
    }

    private func matches(_ value: String?, at place: Int) -> Bool {
        guard let others else { return false }
        if place == 0 { return value == first }
        return place <= others.count && value == others[place - 1]
    }

    private static func value(of field: ScopeFields, _ who: Attribution, _ model: ModelName) -> String? {
        switch field {
        case .team: who.team
        case .feature: who.feature
        case .user: who.user
        case .run: who.run
        case .model: model.description
        case .provider: model.provider
        default: nil
        }
    }
}
