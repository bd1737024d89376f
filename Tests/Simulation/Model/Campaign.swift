import Dispatch
import SeededRandom
import Synchronization

/// Runs many seeds on all cores.
package struct Campaign: Sendable {
    package let firstSeed: UInt64
    package let seedCount: UInt64
    package let bug: DeliberateBug?
    /// How many replicas to run on one hot window without faults; nil: as each seed says.
    package let fleet: Int?

    package init(firstSeed: UInt64, seedCount: UInt64, bug: DeliberateBug? = nil, fleet: Int? = nil) {
        self.firstSeed = firstSeed
        self.seedCount = seedCount
        self.bug = bug
        self.fleet = fleet
    }

    package struct Result: Sendable, CustomStringConvertible {
        /// How many seeds have run.
        package fileprivate(set) var seeds: UInt64 = 0
        package fileprivate(set) var summary = Summary()
        /// The violation in the lowest seed that has one.
        package fileprivate(set) var violation: Violation?

        package var description: String {
            let run = """
                \(seeds) seeds, \(summary.steps) steps: \(summary.admitted) calls admitted, \(summary.denied) denied, \
                \(summary.settled) settled; \(summary.crashes) crashes, \(summary.restores) restores; \
                \(summary.waits.atOnce) verdicts came at once, \(summary.waits.waited) calls waited: half of them \
                \(summary.waits.milliseconds(atPermille: 500)) ms at most, 99 % \
                \(summary.waits.milliseconds(atPermille: 990)) ms, all \(summary.longestWaitMicroseconds / 1_000) ms; \
                \(summary.unanswered) got no verdict, \(summary.deniedWhileIdle) were denied while money lay idle
                """
            return violation.map { "\(run)\n\($0)" } ?? "\(run); no promise was broken"
        }
    }

    /// Runs until all seeds are done or one breaks a promise. Seeds begin in their order.
    package func execute(_ progress: @escaping @Sendable (UInt64, UInt64) -> Void = { _, _ in }) -> Result {
        let next = Atomic(firstSeed)
        let result = Mutex(Result())
        let end = firstSeed + seedCount
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            while true {
                let seed = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard seed < end, result.withLock({ $0.violation == nil }) else { return }
                let simulation = Simulation(seed: seed, bug: bug, fleet: fleet)
                let violation = simulation.run()
                let done = result.withLock { result in
                    result.seeds += 1
                    result.summary.add(simulation.summary)
                    if let violation, seed < result.violation?.seed ?? .max { result.violation = violation }
                    return result.seeds
                }
                if done % 100 == 0 { progress(done, seedCount) }
            }
        }
        return result.withLock { $0 }
    }
}

extension Summary {
    mutating func add(_ other: Summary) {
        steps += other.steps
        admitted += other.admitted
        clamped += other.clamped
        extended += other.extended
        admittedFromLine += other.admittedFromLine
        denied += other.denied
        settled += other.settled
        moves += other.moves
        crashes += other.crashes
        restores += other.restores
        unanswered += other.unanswered
        deniedWhileIdle += other.deniedWhileIdle
        waits.add(other.waits)
        longestWaitMicroseconds = max(longestWaitMicroseconds, other.longestWaitMicroseconds)
    }
}
