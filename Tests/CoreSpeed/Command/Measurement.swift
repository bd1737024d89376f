import Allocations
import Ledger

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

/// Nanoseconds that each of `count` runs of `body` took.
func nanoseconds(_ count: Int, _ body: (Int) -> Void) -> Double {
    let start = SystemClock.monotonicNanoseconds()
    for index in 0..<count { body(index) }
    return Double(SystemClock.monotonicNanoseconds() - start) / Double(count)
}

/// How often each of `count` runs of `body` asked for memory on the heap.
func heapAllocations(_ count: Int, _ body: (Int) -> Void) -> Double {
    let before = allocations()
    for index in 0..<count { body(index) }
    return Double(allocations() - before) / Double(count)
}

/// Keeps the optimizer from leaving out what nobody uses.
@inline(never) func use<Value>(_ value: Value) {}
