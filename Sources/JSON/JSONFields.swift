/// Reads an object field by field, collects the errors, and refuses fields that were not asked for.
///
/// Ask for every known field, then call `finish()`. The values are valid only if it does not throw.
package struct JSONFields: ~Copyable {
    private let object: JSONValue
    private let firstMember: Int
    private let end: Int
    /// The member where the next search begins.
    private var cursor: Int
    private var asked = AskedMembers()
    private let pointer: String
    package private(set) var errors: [FieldError] = []

    /// The most wrong fields that an answer lists.
    package static let maximumErrors = 32

    /// `pointer` is the place of the object in its document; empty for the root.
    package init(_ value: JSONValue, pointer: String = "") {
        self.pointer = pointer
        object = value
        firstMember = value.index + 1
        cursor = firstMember
        if value.kind == .object {
            end = Int(value.document.tokens[value.index].next)
        } else {
            end = firstMember
            errors.append(FieldError(pointer: pointer, detail: "must be an object"))
        }
    }

    package func pointer(to name: StaticString) -> String { "\(pointer)/\(name)" }

    package mutating func refuse(_ name: StaticString, _ detail: String) {
        errors.append(FieldError(pointer: pointer(to: name), detail: detail))
    }

    package mutating func refuse(_ more: [FieldError]) { errors.append(contentsOf: more) }

    /// The value of a field; nil if it is absent or null.
    package mutating func value(_ name: StaticString) -> JSONValue? {
        // Fields usually come in the order in which they are asked for, so the search continues where the last one
        // ended.
        guard let member = find(name, from: cursor, to: end) ?? find(name, from: firstMember, to: cursor) else {
            return nil
        }
        asked.insert(member)
        let value = JSONValue(document: object.document, index: member + 1)
        cursor = member + 1 + value.tokenCount
        return value.isNull ? nil : value
    }

    /// The first member of this name that was not asked for yet.
    private func find(_ name: StaticString, from start: Int, to end: Int) -> Int? {
        var member = start
        while member < end {
            if object.document.isString(name, at: member), !asked.contains(member) { return member }
            member = Int(object.document.tokens[member + 1].next)
        }
        return nil
    }

    /// Throws all errors, including unknown and repeated fields.
    package consuming func finish() throws(JSONFailure) {
        var errors = errors
        // A set keeps the names seen so far. Comparing each name with all earlier ones would let one body stall a
        // replica.
        var seen: Set<String>?
        var member = firstMember
        while member < end, errors.count < Self.maximumErrors {
            let name = JSONValue(document: object.document, index: member)
            if !asked.contains(member) {
                let text = name.string ?? ""
                if seen == nil { seen = askedNames() }
                let isNew = seen?.insert(text).inserted ?? true
                errors.append(
                    FieldError(
                        pointer: "\(pointer)/\(Self.escaped(text))", detail: isNew ? "is not known" : "is given twice"))
            }
            member = Int(object.document.tokens[member + 1].next)
        }
        guard errors.isEmpty else { throw .invalid(errors) }
    }

    private func askedNames() -> Set<String> {
        Set(asked.members.compactMap { JSONValue(document: object.document, index: $0).string })
    }

    /// A name as a reference token of RFC 6901, shortened so that an answer never repeats a huge key.
    package static func escaped(_ name: String) -> String {
        var escaped = ""
        for scalar in name.unicodeScalars.prefix(64) {
            switch scalar {
            case "~": escaped += "~0"
            case "/": escaped += "~1"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

/// Which members of an object were asked for, by the index of their token. The first ones are stored without an
/// allocation, which is enough for most objects. No route asks for more than some tens of names.
private struct AskedMembers {
    private var few = InlineArray<24, UInt32>(repeating: 0)
    private var count = 0
    private var more: Set<Int> = []

    mutating func insert(_ member: Int) {
        if count < few.count {
            few[count] = UInt32(member)
            count += 1
        } else {
            more.insert(member)
        }
    }

    func contains(_ member: Int) -> Bool {
        for index in 0..<count where few[index] == UInt32(member) { return true }
        return more.contains(member)
    }

    var members: [Int] { (0..<count).map { Int(few[$0]) } + more }
}
