import Accounting
import Foundation
import JSON
import Logging

/// Writes the log to standard error, a line each time: for people, or as one JSON object.
struct ServerLogHandler: LogHandler {
    enum Format: String, CaseIterable { case text, json }

    let format: Format
    var logLevel = Logger.Level.notice
    var metadata: Logger.Metadata = [:]

    init(_ format: Format) { self.format = format }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var metadata = metadata.merging(event.metadata ?? [:]) { $1 }
        if let error = event.error { metadata["error"] = "\(error)" }
        let now = Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)).description
        StandardError.writeLine(
            format == .json
                ? Self.json(event.level, "\(event.message)", metadata, at: now)
                : Self.text(event.level, "\(event.message)", metadata, at: now))
    }

    /// `2026-11-28T09:22:58Z notice Draining seconds=5`: what has a space or a quote in it is written as JSON writes it.
    static func text(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata, at time: String) -> String {
        let fields = metadata.sorted { $0.key < $1.key }.map { " \($0.key)=\(quoted("\($0.value)"))" }
        let line = message.split(whereSeparator: \.isNewline).joined(separator: " ")
        return "\(time) \(level.rawValue) \(line)\(fields.joined())"
    }

    private static func quoted(_ value: String) -> String {
        let isPlain = !value.isEmpty && value.utf8.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: "\"") && $0 != 0x7F }
        if isPlain { return value }
        var writer = JSONWriter()
        writer.string(value)
        return writer.text
    }

    /// `time`, `level`, `message`, and the metadata by its names. A name that the line has already gets `metadata_` before
    /// it.
    static func json(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata, at time: String) -> String {
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
