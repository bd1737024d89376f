import Yams

/// What is wrong with a file of the price book, and where.
package struct PriceFileError: Error, Equatable, CustomStringConvertible {
    package let fileName: String
    /// Counted from 1; nil if the error concerns the whole file.
    package let line: Int?
    /// From the root of the file, as in `models.gpt-4o.prices[0].standard.input_tokens`; empty for the root.
    package let path: String
    /// Completes a sentence that begins with the path.
    package let problem: String

    package var description: String {
        let place = line.map { "\(fileName):\($0)" } ?? fileName
        return path.isEmpty ? "\(place): the file \(problem)" : "\(place): \(path) \(problem)"
    }
}

extension PriceFileError {
    init(fileName: String, yaml error: any Error) {
        var line: Int?
        var problem = "is not YAML"
        switch error as? YamlError {
        case .scanner(_, let what, let mark, _), .parser(_, let what, let mark, _), .composer(_, let what, let mark, _):
            line = mark.line
            problem += ": \(what)"
        case .duplicatedKeysInMapping(let keys, let context):
            line = context.mark.line
            problem = "names twice: \(keys.sorted().joined(separator: ", "))"
        default:
            break
        }
        self.init(fileName: fileName, line: line, path: "", problem: problem)
    }
}
