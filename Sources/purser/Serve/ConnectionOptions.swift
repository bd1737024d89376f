import API
import ArgumentParser

/// How many connections `purser serve` takes, and how long it waits on them.
struct ConnectionOptions: ParsableArguments {
    private static let idle = (variable: ServerVariable.idleSeconds, unlessSet: 75, range: 1...3600)
    private static let request = (variable: ServerVariable.requestSeconds, unlessSet: 30, range: 1...3600)
    private static let connections = (
        variable: ServerVariable.maximumConnections, unlessSet: 10_000, range: 1...1_000_000
    )

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How long a connection may stay open without a request, and a client take none of its answer (default: \(idle.unlessSet)).",
            valueName: "seconds"))
    var idleSeconds: Int?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How long a request may take to arrive; one second more for each 64 KiB of it (default: \(request.unlessSet)).",
            valueName: "seconds"))
    var requestSeconds: Int?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How many connections are taken; further ones are answered 503 (default: \(connections.unlessSet)).",
            valueName: "number"))
    var maxConnections: Int?

    func limits(_ variables: ServerVariables) throws -> ConnectionLimits {
        func number(
            _ name: String, _ flag: Int?, _ setting: (variable: ServerVariable, unlessSet: Int, range: ClosedRange<Int>)
        ) throws -> Int {
            guard let flag else {
                return try variables.whole(setting.variable, from: setting.range) ?? setting.unlessSet
            }
            guard setting.range.contains(flag) else {
                throw CommandFailure(
                    .usage, "\(name) must be from \(setting.range.lowerBound) to \(setting.range.upperBound).")
            }
            return flag
        }
        return ConnectionLimits(
            idleSeconds: try number("--idle-seconds", idleSeconds, Self.idle),
            requestSeconds: try number("--request-seconds", requestSeconds, Self.request),
            maximumConnections: try number("--max-connections", maxConnections, Self.connections))
    }
}
