import Accounting

// Measures how fast the core decides, rates and encrypts, and how much memory it takes, without a server around it.
// Each round takes every measurement once, so that a noisy moment of the machine affects all of them. The argument sets
// the number of rounds (21 by default): `core-speed ROUNDS`.
let rounds = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 21

let memory = bytesOfALargeReplica()
let valueBytes = bytesOfAValue()

let rating = Rating()
let holdTokens = HoldTokens()
let none = Authorizing(budgetsOfACall: 0)
let one = Authorizing(budgetsOfACall: 1)
let four = Authorizing(budgetsOfACall: 4)
let logged = Authorizing(budgetsOfACall: 4, isLogged: true)
let spread = Authorizing(teams: 10_000)
let hot = Authorizing(teams: 1)
let runs = Authorizing(runs: 100_000, haveWindows: true)
let together = Authorizing(runs: 100_000, haveWindows: false)

var measurements = [
    Measurement("for comparison: an array of two made and dropped", "ns") { nanoseconds(20_000, makeAndDrop) },
    Measurement("rate a call of three meters", "ns") { nanoseconds(20_000) { _ in rating.rate() } },
    Measurement("authorize, no budget", "ns") { none.nanosecondsOfAuthorize() },
    Measurement("authorize, 1 budget", "ns") { one.nanosecondsOfAuthorize() },
    Measurement("authorize, 4 hard budgets", "ns") { four.nanosecondsOfAuthorize() },
    Measurement("authorize, 4 hard budgets, logged", "ns") { logged.nanosecondsOfAuthorize() },
    Measurement("a verdict that is logged ÷ one that is not", "ratio") {
        logged.nanosecondsOfAuthorize() / four.nanosecondsOfAuthorize()
    },
    Measurement("end a hold of 4 budgets", "ns") { four.nanosecondsOfFinish() },
    Measurement("authorize, all on one budget", "ns") { hot.nanosecondsOfAuthorize() },
    Measurement("authorize, spread over 10,000 budgets", "ns") { spread.nanosecondsOfAuthorize() },
    Measurement("one budget's rate ÷ 10,000 budgets'", "ratio") {
        spread.nanosecondsOfAuthorize() / hot.nanosecondsOfAuthorize()
    },
    Measurement("authorize, 100,000 runs with a window each", "ns") { runs.nanosecondsOfAuthorize() },
    Measurement("authorize, 100,000 runs in one window", "ns") { together.nanosecondsOfAuthorize() },
    Measurement("a window a run ÷ one window", "ratio") {
        runs.nanosecondsOfAuthorize() / together.nanosecondsOfAuthorize()
    },
    Measurement("allocations an admit, 4 hard budgets", "count") { four.allocationsOfAuthorize() },
    Measurement("allocations an admit that is logged", "count") { logged.allocationsOfAuthorize() },
    Measurement("allocations a rating", "count") { heapAllocations(1_000) { _ in rating.rate() } },
    Measurement("encrypt a hold token of 4 budgets", "ns") { nanoseconds(2_000) { _ in holdTokens.encryptOnce() } },
    Measurement("decrypt a hold token of 4 budgets", "ns") { nanoseconds(2_000) { _ in holdTokens.decryptOnce() } },
    Measurement("decrypt a hold token of another start", "ns") {
        nanoseconds(2_000) { _ in holdTokens.decryptForeignOnce() }
    },
    Measurement("allocations a hold token", "count") { heapAllocations(1_000) { _ in holdTokens.encryptOnce() } },
    Measurement("allocations an open", "count") { heapAllocations(1_000) { _ in holdTokens.decryptOnce() } },
]
for _ in 0..<rounds {
    for index in measurements.indices { measurements[index].measure() }
}
print("measurement\tmedian\tlowest\thighest\tunit")
for measurement in measurements { print(measurement.line) }
print("resident with 100,000 budgets and 50,000 open holds\t\(memory.total / 1_000_000)\t\t\tMB")
print("of it the budgets and their leases\t\(memory.ofBudgets / 1_000_000)\t\t\tMB")
print("of it the holds\t\(memory.ofHolds / 1_000_000)\t\t\tMB")
print("bytes a value with a window of its own\t\(valueBytes)\t\t\tB")
