import ArgumentParser
import Dispatch
import Synchronization

/// Sends one kind of traffic over keep-alive connections and prints the figures, one name and value per line.
@main struct Load: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "load")

    @Argument(help: "The servers' ports on 127.0.0.1; the connections are shared out among them.")
    var ports: [UInt16]
    @Option var traffic: Traffic
    @Option var token: String
    @Option var connections = 32
    @Option var threads = 2
    @Option(help: "Not counted, before the measured time.") var warmUpSeconds = 1.0
    @Option(help: "Measured; with settle, how long holds are made before; with usage, how long bodies are sent.")
    var seconds = 10.0
    @Option(help: "Requests a second on a fixed schedule; latency counts from when each was due.") var rate: Double?
    @Option(help: "Ends after so many calls, not after a time.") var calls: Int?
    @Option(help: "How many users call, each in its turn.") var users = 1
    @Option var holdSeconds = 600
    @Option(help: "Whose processor time is told.") var serverPID: Int32?
    @Option(help: "A file that gets a line an answer; with one thread only.") var trace: String?

    func run() throws {
        let plan = Plan(self)
        let server = ProcessorClock(processID: serverPID ?? 0)
        guard trace == nil || plan.threads == 1 else { throw Failure("A trace is of one thread.") }
        let all = Mutex<[Counts]>([])
        let workers = DispatchGroup()
        for number in 0..<plan.threads {
            DispatchQueue(label: "worker \(number)").async(group: workers) {
                let counts = Worker(plan, number: number).run()
                all.withLock { $0.append(counts) }
            }
        }
        Clock.sleep(until: plan.measuredFrom)
        let before = server.nanoseconds
        if let end = plan.end { Clock.sleep(until: end) } else { workers.wait() }
        let spent = server.nanoseconds - before
        let now = Clock.nanoseconds
        workers.wait()
        let counts = all.withLock { $0.reduce(into: Counts()) { $0.add($1) } }
        guard counts.failures == 0, counts.requests > 0 else {
            throw Failure(
                "\(counts.failures) wrong answers, \(counts.requests) good ones. \(counts.firstFailure ?? "")")
        }
        print(counts.told(seconds: Double(now - plan.measuredFrom) / 1e9, serverNanoseconds: spent))
    }
}

struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
