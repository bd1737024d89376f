import Dispatch
import Foundation
import SeededRandom
import Simulation
import Synchronization

// simulate [--seeds N] [--first S] [--bug NAME] [--replicas N] [--trace yes]
//
// Runs seeds on all cores and shows progress on a terminal. At the first broken promise it ends with exit code 1 and
// prints the seed.

struct Options {
    var seedCount: UInt64 = 1_000
    var firstSeed: UInt64 = 1
    var bug: DeliberateBug?
    /// Runs so many replicas on one hot window, without faults.
    var fleet: Int?
    /// Prints what happens in the first seed.
    var isTraced = false

    init(_ arguments: [String]) {
        var rest = arguments[...]
        func fail() -> Never {
            FileHandle.standardError.write(
                Data("usage: simulate [--seeds N] [--first S] [--bug NAME] [--replicas N] [--trace yes]\n".utf8))
            exit(2)
        }
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { fail() }
            switch name {
            case "--seeds": if let count = UInt64(value) { seedCount = count } else { fail() }
            case "--first": if let seed = UInt64(value) { firstSeed = seed } else { fail() }
            case "--bug": if let known = DeliberateBug(rawValue: value) { bug = known } else { fail() }
            case "--replicas": if let count = Int(value), count > 0 { fleet = count } else { fail() }
            case "--trace": isTraced = value == "yes"
            default: fail()
            }
        }
    }
}

let options = Options(Array(CommandLine.arguments.dropFirst()))
if options.isTraced {
    let simulation = Simulation(seed: options.firstSeed, bug: options.bug, fleet: options.fleet)
    simulation.trace = { print($0) }
    print(simulation.run()?.description ?? "no promise was broken")
    exit(simulation.violation == nil ? 0 : 1)
}
let run = Campaign(
    firstSeed: options.firstSeed, seedCount: options.seedCount, bug: options.bug, fleet: options.fleet)
let showsProgress = isatty(STDERR_FILENO) != 0
let result = run.execute { done, total in
    guard showsProgress else { return }
    FileHandle.standardError.write(Data("\r\(done) of \(total) seeds".utf8))
}
if showsProgress { FileHandle.standardError.write(Data("\n".utf8)) }
print(result.description)
exit(result.violation == nil ? 0 : 1)
