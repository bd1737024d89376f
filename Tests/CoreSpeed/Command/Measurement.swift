import Allocations
import Glibc

/// One thing that is measured, and what each round said.
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

    /// `name`, median, lowest and highest of all rounds, unit: separated by tabs.
    var line: String {
        let numbers = [median, results.min()!, results.max()!].map(Self.text)
        return ([name] + numbers + [unit]).joined(separator: "\t")
    }

    private static func text(_ number: Double) -> String {
        let hundredths = Int((number * 100).rounded())
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }
}

/// Nanoseconds that each of `count` runs of `body` took of a processor; what others take of it does not count.
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

/// How often each of `count` runs of `body` asked for memory on the heap.
func heapAllocations(_ count: Int, _ body: (Int) -> Void) -> Double {
    let before = allocations()
    for index in 0..<count { body(index) }
    return Double(allocations() - before) / Double(count)
}

/// Makes and drops something on the heap: how fast the machine is just now.
@inline(never) func makeAndDrop(_ number: Int) { use([number, number + 1]) }

/// Keeps the optimizer from leaving out what nobody uses.
@inline(never) @_optimize(none) func use<Value>(_ value: Value) {}
