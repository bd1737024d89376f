import JSON

extension JSONWriter {
    /// Writes a setting of a budget as it is written elsewhere, with the team of a scope called otherwise.
    mutating func setting(_ name: String, _ value: JSONValue, team: (String) -> String) {
        self.name(of: name)
        guard name == "scope", value.kind == .object else { return verbatim(value.source) }
        object {
            for (name, value) in value.fields {
                if name == "team", let named = value.string {
                    $0.field("team", team(named))
                } else {
                    $0.name(of: name)
                    $0.verbatim(value.source)
                }
            }
        }
    }
}
