import Glibc

/// Writes one line an answer to a file: the kind of request, the status, when it was due and when it was answered, in
/// nanoseconds of the monotonic clock. What is written is complete up to a moment ago, also if the program is killed.
final class Trace {
    private static let answersAtOnce = 32

    private let file: Int32
    private var text: [UInt8] = []
    private var answers = 0

    init(path: String) {
        file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard file >= 0 else { fatalError("The trace cannot be written to \(path).") }
    }

    func note(_ step: Step, status: Int, dueAt: Int64, answeredAt: Int64) {
        text.append(contentsOf: "\(step)".utf8)
        for number in [Int64(status), dueAt, answeredAt] {
            text.append(UInt8(ascii: " "))
            text.append(decimal: Int(number))
        }
        text.append(UInt8(ascii: "\n"))
        answers += 1
        if answers == Self.answersAtOnce { flush() }
    }

    func flush() {
        _ = text.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        text.removeAll(keepingCapacity: true)
        answers = 0
    }
}
