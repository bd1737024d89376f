import Foundation
import Testing

/// One run of a client command whose output does not go to a terminal.
struct Command: Sendable {
    let exitCode: Int32
    let output: String
    let errors: String

    var lines: [Substring] { output.split(whereSeparator: \.isNewline) }

    /// - Parameter input: the text on standard input.
    static func run(
        _ arguments: [String], as client: Client?, input: String? = nil, environment: [String: String] = [:]
    ) async throws -> Command {
        try PurserBinary.requireExecutable()
        let directory = try ScratchDirectory()
        let inputPath = "\(directory.path)/in"
        if let input { try input.write(toFile: inputPath, atomically: false, encoding: .utf8) }
        var own: [String: String] = [:]
        if let client {
            own["PURSER_URL"] = client.url
            own["PURSER_TOKEN"] = client.token
        }
        let process = try ChildProcess(
            PurserBinary.path, arguments,
            environment: PurserBinary.environment(own.merging(environment) { $1 }),
            input: input == nil ? "/dev/null" : inputPath, output: "\(directory.path)/out",
            errors: "\(directory.path)/err")
        let end = try await process.ended(atMostSeconds: 120)
        try #require(!end.isSignalled, "purser \(arguments) was killed by signal \(end.exitCode)")
        return Command(exitCode: end.exitCode, output: directory.text("out"), errors: directory.text("err"))
    }

    func expect(
        _ code: Int32, output isOutput: Bool? = nil, errors isError: Bool? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(exitCode == code, "\(output)\(errors)", sourceLocation: sourceLocation)
        if let isOutput { #expect(output.isEmpty != isOutput, "\(output)", sourceLocation: sourceLocation) }
        if let isError { #expect(errors.isEmpty != isError, "\(errors)", sourceLocation: sourceLocation) }
        // A program reads this output, so it has neither colours nor a progress display.
        #expect(!output.contains("\u{1B}") && !errors.contains("\u{1B}"), sourceLocation: sourceLocation)
        #expect(!errors.contains("\r"), sourceLocation: sourceLocation)
    }
}

extension Team {
    /// Runs a command as an admin, or as `client`.
    func purser(_ arguments: String..., as client: Client? = nil, input: String? = nil) async throws -> Command {
        try await purser(arguments, as: client, input: input)
    }

    func purser(_ arguments: [String], as client: Client? = nil, input: String? = nil) async throws -> Command {
        try await Command.run(arguments, as: client ?? admin, input: input)
    }
}
