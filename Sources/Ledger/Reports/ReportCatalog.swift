/// All reports, sorted by name.
package struct ReportCatalog: Sendable {
    package let definitions: [ReportDefinition]

    package init(_ resources: ResourceDirectory) throws {
        definitions = try resources.files(in: "reports", ending: ".sql").map {
            try ReportDefinition(name: String($0.name.dropLast(4)), text: $0.text)
        }
    }

    package func definition(_ name: String) -> ReportDefinition? { definitions.first { $0.name == name } }

    /// The names of all reports' parameters, each once.
    package var parameterNames: [String] {
        Set(definitions.flatMap { $0.parameters.map(\.name) }).sorted()
    }
}
