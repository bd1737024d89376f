import Accounting
import Foundation
import JSON
import Logging

/// Writes each line of the log as one JSON object: `time`, `level`, `message`, and the metadata by its names.
struct JSONLogHandler: LogHandler {
    var logLevel = Logger.Level.notice
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var metadata = metadata.merging(event.metadata ?? [:]) { $1 }
        if let error = event.error { metadata["error"] = "\(error)" }
        let now = Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
        StandardError.writeLine(Self.line(event.level, "\(event.message)", metadata, at: now.description))
    }

    /// A name of metadata that the line has already gets `metadata_` before it.
    static func line(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata, at time: String) -> String {
        let fields = [("time", time), ("level", level.rawValue), ("message", message)]
        var writer = JSONWriter()
        writer.object {
            for (name, value) in fields { $0.field(named: name, value) }
            for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
                let isTaken = fields.contains { $0.0 == name }
                $0.field(named: isTaken ? "metadata_\(name)" : name, "\(value)")
            }
        }
        return writer.text
    }
}
