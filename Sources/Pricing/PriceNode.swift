import Yams

/// A YAML node of a price file, with the file and path that name it in an error.
///
/// Scalars are read as text. YAML's own numbers are never used, because they are binary floating point.
struct PriceNode {
    let node: Node
    let fileName: String
    let path: String
    /// The meters that rates may be of beside those that Purser knows; nil for any.
    let meters: Set<String>?

    init(_ node: Node, fileName: String, path: String = "", meters: Set<String>? = nil) {
        self.node = node
        self.fileName = fileName
        self.path = path
        self.meters = meters
    }

    /// The same node, in which rates are of these meters or of those that Purser knows.
    func knowing(meters: Set<String>?) -> PriceNode {
        PriceNode(node, fileName: fileName, path: path, meters: meters)
    }

    func failure(_ problem: String) -> PriceFileError {
        PriceFileError(fileName: fileName, line: node.mark?.line, path: path, problem: problem)
    }

    func text() throws(PriceFileError) -> String {
        guard case .scalar(let scalar) = node else { throw failure("must be plain text") }
        guard !scalar.string.isEmpty, scalar.string.utf8.count <= 1024 else {
            throw failure("must have 1 to 1024 characters")
        }
        return scalar.string
    }

    var isMapping: Bool { if case .mapping = node { true } else { false } }

    func items() throws(PriceFileError) -> [PriceNode] {
        guard case .sequence(let sequence) = node else { throw failure("must be a list") }
        return sequence.enumerated().map { index, item in
            PriceNode(item, fileName: fileName, path: "\(path)[\(index)]", meters: meters)
        }
    }

    /// The fields in the order of the file. The YAML reader itself refuses a key that occurs twice.
    func fields() throws(PriceFileError) -> [(key: String, value: PriceNode)] {
        guard case .mapping(let mapping) = node else { throw failure("must be a mapping") }
        var fields: [(key: String, value: PriceNode)] = []
        for (key, value) in mapping {
            let name = try PriceNode(key, fileName: fileName, path: path).text()
            let below = path.isEmpty ? name : "\(path).\(name)"
            fields.append((name, PriceNode(value, fileName: fileName, path: below, meters: meters)))
        }
        return fields
    }

    /// The fields by name. Throws if one of them is not in `known`.
    func fields(_ known: Set<String>) throws(PriceFileError) -> [String: PriceNode] {
        var named: [String: PriceNode] = [:]
        for (key, value) in try fields() {
            guard known.contains(key) else {
                throw value.failure("is not a field; known here: \(known.sorted().joined(separator: ", "))")
            }
            named[key] = value
        }
        return named
    }
}
