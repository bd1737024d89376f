import Crypto

/// One numbered file of `migrations/`.
///
/// The file is one transaction. Statements that cannot run in a transaction (`CREATE INDEX CONCURRENTLY`) follow it,
/// each after a line `-- step`. A line `-- step for each partition of TABLE` runs its statement once for each
/// partition of a table, with the partition's name for `{partition}`. A step must be repeatable.
///
/// A file that begins with `-- compatible` leaves servers of earlier versions working: they run on beside newer ones
/// during an upgrade, and can be started again after it. Only such a file may have steps.
package struct Migration: Sendable {
    struct Step: Equatable, Sendable {
        let statement: String
        /// The partitioned table for each of whose partitions the statement runs; nil: it runs once.
        let partitionedTable: String?
    }

    package let number: Int64
    package let name: String
    let checksum: [UInt8]
    let isCompatible: Bool
    let transaction: String
    let steps: [Step]

    private static let compatibleLine = "-- compatible"
    private static let stepLine = "-- step"
    private static let partitionsWords = " for each partition of "

    init(number: Int64, name: String, text: String) throws(MigrationError) {
        self.number = number
        self.name = name
        checksum = Array(SHA256.hash(data: Array(text.utf8)))
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        isCompatible = lines.first.map(String.init) == Self.compatibleLine
        var parts = lines.split(maxSplits: .max, omittingEmptySubsequences: false) { $0.hasPrefix(Self.stepLine) }
        transaction = parts.removeFirst().joined(separator: "\n")
        var steps: [Step] = []
        for (line, part) in zip(lines.filter { $0.hasPrefix(Self.stepLine) }, parts) {
            let words = line.dropFirst(Self.stepLine.count)
            guard isCompatible, words.isEmpty || words.hasPrefix(Self.partitionsWords) else {
                throw .unclearStep(name, String(line))
            }
            steps.append(
                Step(
                    statement: part.joined(separator: "\n"),
                    partitionedTable: words.isEmpty ? nil : String(words.dropFirst(Self.partitionsWords.count))))
        }
        self.steps = steps
    }
}

package enum MigrationError: Error, CustomStringConvertible, Equatable {
    case none
    case misnumbered(String)
    case unclearStep(String, String)
    case unknown(String)
    case changed(String)

    package var description: String {
        switch self {
        case .none: "There are no migrations."
        case .misnumbered(let name): "The migration \(name) does not follow the number before it."
        case .unclearStep(let name, let line): "The migration \(name) has a step that is not understood: \(line)"
        case .unknown(let name):
            "The database has the migration \(name), which this version does not know. It is newer; use its version."
        case .changed(let name): "The migration \(name) is not the one the database was made with."
        }
    }
}
