import Accounting
import Allocations
import Foundation

/// The resident memory of this process, in bytes.
func residentBytes() -> Int {
    let fields = try! String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
    return Int(fields[1])! * sysconf(Int32(_SC_PAGESIZE))
}

/// The memory that 100,000 budgets with their leases and 50,000 open holds of two budgets each take. Measure it before
/// anything else leaves gaps in the heap.
func bytesOfALargeReplica() -> (total: Int, ofBudgets: Int, ofHolds: Int) {
    let teams = 50_000
    let empty = residentBytes()
    let replica = LoadedReplica(budgets: teams * 2) { index in
        Scope(team: "team-\(index / 2)", feature: index % 2 == 0 ? nil : "answers")
    }
    let withBudgets = residentBytes()
    for index in 0..<50_000 {
        replica.admit(.measured(index, Attribution(team: "team-\(index % teams)", feature: "answers", user: "user-17")))
    }
    let withHolds = residentBytes()
    replica.finish()
    return (withHolds, withBudgets - empty, withHolds - withBudgets)
}

/// The memory that each of 100,000 values of one budget takes, with its lease: what the heap has in use, whatever gaps
/// other measurements have left.
func bytesOfAValue() -> Int {
    let values = (0..<100_000).map { WindowValue(["agent-run-\($0)"]) }
    let before = heap_bytes()
    let replica = LoadedReplica(scope: Scope(team: "search", each: .run), values: values)
    let bytes = (heap_bytes() - before) / values.count
    withExtendedLifetime(replica) {}
    return bytes
}
