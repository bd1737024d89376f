/// What to send, over which connections and when; the same for every worker.
struct Plan: Sendable {
    let ports: [UInt16]
    let traffic: Traffic
    let texts: RequestTexts
    let connections: Int
    let threads: Int
    let users: Int
    let callsPerConnection: Int?
    /// The path of a file that gets a line an answer.
    let trace: String?
    /// Nanoseconds between two requests of a fixed schedule; nil without a schedule.
    let interval: Double?
    let measuredFrom: Int64
    /// When sending `usage` bodies ends. The run then waits for the answers, because only bodies answered as a whole
    /// count.
    let lastSend: Int64
    /// When the measured time ends; nil if it ends with the last answer.
    let end: Int64?
    /// Makes the ids of this run differ from those of other runs.
    let seed: UInt64

    init(_ options: Load) {
        ports = options.ports
        traffic = options.traffic
        texts = RequestTexts(token: options.token, holdSeconds: options.holdSeconds)
        connections = options.connections
        // A single thread keeps the schedule.
        threads = options.rate == nil ? options.threads : 1
        users = options.users
        callsPerConnection = options.calls.map { $0 / options.connections }
        trace = options.trace
        interval = options.rate.map { 1e9 / $0 }
        let now = Clock.nanoseconds
        let (warmUp, length) = (Int64(options.warmUpSeconds * 1e9), Int64(options.seconds * 1e9))
        switch options.traffic {
        case .settle: (measuredFrom, lastSend, end) = (now + length, .max, nil)
        case .usage: (measuredFrom, lastSend, end) = (now, now + length, nil)
        case _ where options.calls != nil: (measuredFrom, lastSend, end) = (now, .max, nil)
        default: (measuredFrom, lastSend, end) = (now + warmUp, .max, now + warmUp + length)
        }
        seed = UInt64(truncatingIfNeeded: now)
    }

    /// The index of a connection's `number`th call among the calls of all connections.
    func index(ofCall number: Int, on connection: Int) -> Int { number * connections + connection }

    /// Whether an answer that arrives at `time` is measured.
    func counts(_ step: Step, at time: Int64) -> Bool {
        if traffic == .settle, step == .authorize { return false }
        return time >= measuredFrom && end.map { time <= $0 } ?? true
    }

    /// The id of a call, as scattered as real ids are.
    func id(of index: Int) -> UInt64 {
        var z = seed &+ UInt64(truncatingIfNeeded: index) &* 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
