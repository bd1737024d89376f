import Accounting
import Foundation
import Ledger

/// The server's file of currency rates. It is read anew for each report, so that a rate that is added to it holds at once.
struct CurrencyRateFile: Sendable {
    private static let maximumBytes = 4 << 20

    private let path: String

    /// Reads it once, so that a server with a wrong file does not start.
    init(path: String) throws {
        self.path = path
        _ = try read()
    }

    func read() throws -> CurrencyRates {
        guard let file = FileHandle(forReadingAtPath: path) else { throw failure("cannot be read") }
        defer { try? file.close() }
        let bytes = try file.read(upToCount: Self.maximumBytes + 1) ?? Data()
        guard bytes.count <= Self.maximumBytes else { throw failure("is larger than \(Self.maximumBytes) bytes") }
        do {
            return try CurrencyRates(Array(bytes))
        } catch let error as CurrencyRateError {
            throw failure("cannot be used: \(error)")
        }
    }

    private func failure(_ problem: String) -> CurrencyRateFileFailure { CurrencyRateFileFailure(problem: problem) }
}

/// Told to whoever starts the server, and to whoever asks for a report while the file is wrong: so without its path.
struct CurrencyRateFileFailure: Error, CustomStringConvertible {
    let problem: String

    var description: String { "The file of PURSER_CURRENCY_RATES \(problem)." }
}
