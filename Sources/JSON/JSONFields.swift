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
    /// Which lengths the members' names have, a bit each. It tells most names that are not there without a search.
    private let lengths: UInt64
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
            lengths = Self.lengths(of: value, to: end)
        } else {
            end = firstMember
            lengths = 0
            errors.append(FieldError(pointer: pointer, detail: "must be an object"))
        }
    }

    private static func lengths(of object: JSONValue, to end: Int) -> UInt64 {
        object.document.tokens.withUnsafeBufferPointer { tokens in
            var lengths: UInt64 = 0
            var member = object.index + 1
            while member < end {
                let key = tokens[member]
                // An escaped name may have any length.
                lengths |= key.isEscaped ? .max : bit(ofLength: Int(key.end &- key.start))
                member = Int(tokens[member + 1].next)
            }
            return lengths
        }
    }

    private static func bit(ofLength length: Int) -> UInt64 { 1 << UInt64(min(length, UInt64.bitWidth - 1)) }

    package func pointer(to name: StaticString) -> String { "\(pointer)/\(name)" }

    package mutating func refuse(_ name: StaticString, _ detail: String) {
        errors.append(FieldError(pointer: pointer(to: name), detail: detail))
    }

    package mutating func refuse(_ more: [FieldError]) { errors.append(contentsOf: more) }

    /// The value of a field; nil if it is absent or null.
    package mutating func value(_ name: StaticString) -> JSONValue? {
        if lengths & Self.bit(ofLength: name.utf8CodeUnitCount) == 0 { return nil }
        // Fields usually come in the order in which they are asked for, so the search continues where the last one
        // ended.
        guard let member = find(name, from: cursor, to: end) ?? find(name, from: firstMember, to: cursor) else {
            return nil
        }
        asked.insert(member - firstMember)
        let value = JSONValue(document: object.document, index: member + 1)
        cursor = member + 1 + value.tokenCount
        return value.isNull ? nil : value
    }

    /// The first member of this name that was not asked for yet.
    private func find(_ name: StaticString, from start: Int, to end: Int) -> Int? {
        if start >= end { return nil }
        let (document, asked, firstMember) = (object.document, asked, firstMember)
        return document.tokens.withUnsafeBufferPointer { tokens in
            var member = start
            while member < end {
                let key = tokens[member]
                if key.isEscaped || Int(key.end &- key.start) == name.utf8CodeUnitCount,
                    document.isString(name, at: member), !asked.contains(member - firstMember)
                {
                    return member
                }
                member = Int(tokens[member + 1].next)
            }
            return nil
        }
    }

    /// Throws all errors, including unknown and repeated fields.
    package consuming func finish() throws(JSONFailure) {
        var errors = errors
        // A set keeps the names seen so far. Comparing each name with all earlier ones would let one body stall a
        // replica.
        var seen: Set<String>?
        var member = firstMember
        while member < end, errors.count < Self.maximumErrors {
            if !asked.contains(member - firstMember) {
                let text = JSONValue(document: object.document, index: member).string ?? ""
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
        let (document, firstMember) = (object.document, firstMember)
        return Set(asked.all.compactMap { JSONValue(document: document, index: firstMember + $0).string })
    }

    /// The name that a reference token of RFC 6901 stands for.
    package static func unescaped(_ token: Substring) -> String {
        String(token.replacing("~1", with: "/").replacing("~0", with: "~"))
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

/// Which members of an object were asked for, by the distance of their token from the first one's. Nearly all objects
/// are so short that one word is enough.
private struct AskedMembers {
    private var near: UInt64 = 0
    private var far: Set<Int> = []

    mutating func insert(_ member: Int) {
        if member < UInt64.bitWidth { near |= 1 << UInt64(member) } else { far.insert(member) }
    }

    func contains(_ member: Int) -> Bool {
        member < UInt64.bitWidth ? near & 1 << UInt64(member) != 0 : far.contains(member)
    }

    var all: [Int] { (0..<UInt64.bitWidth).filter { contains($0) } + far }
}
