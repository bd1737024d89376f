/// The counts and latencies of a worker's requests in the measured time.
struct Counts: Sendable {
    private(set) var requests = 0
    private(set) var failures = 0
    /// Requests that were answered 503 and sent again.
    var unavailable = 0
    private(set) var firstFailure: String?
    private var yield = 0
    private var latencies: [Int64] = []

    mutating func add(_ step: Step, nanoseconds: Int64) {
        requests += 1
        yield += step.yield
        latencies.append(nanoseconds)
    }

    mutating func fail(_ answer: String) {
        failures += 1
        firstFailure = firstFailure ?? answer
    }

    mutating func add(_ other: Counts) {
        requests += other.requests
        failures += other.failures
        unavailable += other.unavailable
        firstFailure = firstFailure ?? other.firstFailure
        yield += other.yield
        latencies += other.latencies
    }

    func told(seconds: Double, serverNanoseconds: Int64) -> String {
        let sorted = latencies.sorted()
        func milliseconds(_ share: Double) -> Double { Double(sorted[Int(share * Double(sorted.count - 1))]) / 1e6 }
        let lines: [(String, Double)] = [
            ("requests_per_second", Double(requests) / seconds),
            ("yield_per_second", Double(yield) / seconds),
            ("p50_milliseconds", milliseconds(0.5)),
            ("p99_milliseconds", milliseconds(0.99)),
            ("server_microseconds_per_request", Double(serverNanoseconds) / 1e3 / Double(requests)),
            ("unavailable", Double(unavailable)),
        ]
        return lines.map { "\($0) \($1)" }.joined(separator: "\n")
    }
}
