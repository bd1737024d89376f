import JSON

/// One column of a listing: its name in CSV, its title in a table, and how to read it from the server's object.
struct Column: Sendable {
    var name: String
    var title: String
    /// Shown only in CSV, and where one object is shown alone.
    var isWide = false
    /// Shown only in a table, because it draws what other columns say.
    var isDrawn = false
    /// Which columns a table leaves out that is too wide for the terminal: those with the greatest number first, those
    /// without one never.
    var spare: Int?
    var cell: @Sendable (JSONValue) -> Cell

    init(
        _ name: String, title: String? = nil, isWide: Bool = false, isDrawn: Bool = false,
        cell: @escaping @Sendable (JSONValue) -> Cell
    ) {
        self.name = name
        self.title = title ?? name.replacing("_", with: " ").uppercased()
        self.isWide = isWide
        self.isDrawn = isDrawn
        self.cell = cell
    }

    func spared(_ order: Int) -> Column {
        var column = self
        column.spare = order
        return column
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
