import JSON

/// One column of a listing: its name in CSV, its title in a table, and how to read it from the server's object.
struct Column: Sendable {
    var name: String
    var title: String
    /// Shown only in CSV, and where one object is shown alone.
    var isWide = false
    var cell: @Sendable (JSONValue) -> Cell

    init(_ name: String, title: String? = nil, isWide: Bool = false, cell: @escaping @Sendable (JSONValue) -> Cell) {
        self.name = name
        self.title = title ?? name.replacing("_", with: " ").uppercased()
        self.isWide = isWide
        self.cell = cell
    }

    static func text(_ name: String, title: String? = nil, isWide: Bool = false) -> Column {
        Column(name, title: title, isWide: isWide) { Cell($0.field(name)) }
    }

    static func prose(_ name: String, title: String? = nil) -> Column {
        Column(name, title: title) { Cell($0.field(name), text: Cell.prose) }
    }

    static func time(_ name: String, title: String? = nil, isWide: Bool = false) -> Column {
        Column(name, title: title, isWide: isWide) { Cell($0.field(name), text: Cell.time) }
    }

    static func end(_ name: String, title: String? = nil) -> Column {
        Column(name, title: title) { Cell($0.field(name), text: Cell.end) }
    }

    static func amount(_ name: String, title: String? = nil) -> Column {
        Column(name, title: title) { Cell($0.field(name), text: Cell.amount) }
    }

    /// What one unit or one call costs.
    static func price(_ name: String, title: String? = nil) -> Column {
        Column(name, title: title) { Cell($0.field(name), text: Cell.price) }
    }

    static func count(_ name: String, title: String? = nil) -> Column {
        Column(name, title: title) { Cell($0.field(name), text: { .count($0) }, number: { .count($0) }) }
    }
}

extension JSONValue {
    /// A field by a name that is known only when the program runs.
    func field(_ name: String) -> JSONValue? { fields.first { $0.name == name }?.value }
}
