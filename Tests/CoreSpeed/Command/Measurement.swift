import Allocations
import Glibc

/// One measured quantity, and the result of each round.
struct Measurement {
    let name: String
    let unit: String
    private let round: () -> Double
    private(set) var results: [Double] = []

    init(_ name: String, _ unit: String, round: @escaping () -> Double) {
        self.name = name
        self.unit = unit
        self.round = round
    }

    mutating func measure() { results.append(round()) }

    var median: Double { results.sorted()[results.count / 2] }

    /// `name`, then median, lowest and highest of all rounds, then the unit, separated by tabs.
    var line: String {
        let numbers = [median, results.min()!, results.max()!].map(Self.text)
        return ([name] + numbers + [unit]).joined(separator: "\t")
    }

    private static func text(_ number: Double) -> String {
        let hundredths = Int((number * 100).rounded())
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }
}

/// The processor time of one run of `body` in nanoseconds, as the mean of `count` runs. Only this thread's time counts.
func nanoseconds(_ count: Int, _ body: (Int) -> Void) -> Double {
    let start = processorNanoseconds()
    for index in 0..<count { body(index) }
    return Double(processorNanoseconds() - start) / Double(count)
}

private func processorNanoseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// The heap allocations of one run of `body`, as the mean of `count` runs.
func heapAllocations(_ count: Int, _ body: (Int) -> Void) -> Double {
    let before = allocations()
    for index in 0..<count { body(index) }
    return Double(allocations() - before) / Double(count)
}

/// Makes and drops an array on the heap. Its time shows how fast the machine is at the moment.
@inline(never) func makeAndDrop(_ number: Int) { use([number, number + 1]) }

/// Keeps the optimizer from removing unused values.
@inline(never) @_optimize(none) func use<Value>(_ value: Value) {}
