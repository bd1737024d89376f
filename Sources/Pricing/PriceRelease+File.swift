import Accounting
import Yams

/// `RELEASE`, in YAML, which says what release the files beside it are.
extension PriceRelease {
    package static let fileName = "RELEASE"

    package var text: String {
        var text = """
            # Which release of the price book this folder is. `purser price convert` writes it.
            version: "\(version)"
            date: \(date)
            sources:

            """
        for source in sources {
            text += "  \(source.name): {models: \(source.listedModels), priced: \(source.pricedModels)}\n"
        }
        return text
    }

    /// - Throws: the first error in the text, with its line and path.
    package static func parse(_ text: String) throws(PriceFileError) -> PriceRelease {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw PriceFileError(fileName: fileName, yaml: error)
        }
        guard let root else { throw PriceFileError(fileName: fileName, line: 1, path: "", problem: "is empty") }
        let node = PriceNode(root, fileName: fileName)
        let fields = try node.fields(["version", "date", "sources"])
        var sources: [Source] = []
        for (name, value) in try fields.required("sources", of: node).fields() {
            let counts = try value.fields(["models", "priced"])
            sources.append(
                Source(
                    name: name, listedModels: try counts.required("models", of: value).tokenCount(),
                    pricedModels: try counts.required("priced", of: value).tokenCount()))
        }
        return PriceRelease(
            version: try fields.required("version", of: node).name(),
            date: CalendarDay(text: try fields.required("date", of: node).day())!, sources: sources)
    }
}
