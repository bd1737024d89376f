import Crypto

/// One numbered file of `migrations/`.
///
/// The file is one transaction. Statements that cannot run in a transaction (`CREATE INDEX CONCURRENTLY`) follow it,
/// each after a line `-- step`. A line `-- step for each partition of TABLE` runs its statement once for each
/// partition of a table, with the partition's name for `{partition}`. A step must be repeatable. A line
/// `-- step for the partitions of index INDEX` has no statement: it builds the index, which the transaction made `ON ONLY`
/// its table, on each partition that lacks it, and attaches it.
///
/// A file that begins with `-- compatible` leaves servers of earlier versions working: they run on beside newer ones
/// during an upgrade, and can be started again after it. Only such a file may have steps.
package struct Migration: Sendable {
    enum Step: Equatable, Sendable {
        case once(statement: String)
        case eachPartition(ofTable: String, statement: String)
        case build(PartitionIndex)
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
    private static let indexWords = " for the partitions of index "

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
            guard isCompatible, let step = Self.step(words, part.joined(separator: "\n")) else {
                throw .unclearStep(name, String(line))
            }
            steps.append(step)
        }
        self.steps = steps
    }

    /// Nil for words that are not understood.
    private static func step(_ words: Substring, _ statement: String) -> Step? {
        if words.isEmpty { return .once(statement: statement) }
        if words.hasPrefix(partitionsWords) {
            return .eachPartition(ofTable: String(words.dropFirst(partitionsWords.count)), statement: statement)
        }
        guard words.hasPrefix(indexWords), statement.allSatisfy(\.isWhitespace) else { return nil }
        return .build(PartitionIndex(name: String(words.dropFirst(indexWords.count))))
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
