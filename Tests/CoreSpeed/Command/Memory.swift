import Accounting
import Foundation

/// The memory this process has, in bytes.
func residentBytes() -> Int {
    let fields = try! String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
    return Int(fields[1])! * sysconf(Int32(_SC_PAGESIZE))
}

/// What 100,000 budgets with their leases and 50,000 open holds take, of two budgets each. To be taken before anything
/// else has left gaps in the heap.
func bytesOfALargeOffice() -> (total: Int, ofBudgets: Int, ofHolds: Int) {
    let teams = 50_000
    let empty = residentBytes()
    let office = Office(budgets: teams * 2) { index in
        Scope(team: "team-\(index / 2)", feature: index % 2 == 0 ? nil : "answers")
    }
    let withBudgets = residentBytes()
    for index in 0..<50_000 {
        office.admit(.measured(index, Attribution(team: "team-\(index % teams)", feature: "answers", user: "user-17")))
    }
    let withHolds = residentBytes()
    office.finish()
    return (withHolds, withBudgets - empty, withHolds - withBudgets)
}
