import Accounting
import Finance
import Foundation
import Ledger
import PacedMonth
import PlayedHour
import Postgres
import PostgresTesting

// replay DATA REPOSITORY
//
// Plays the hour of real calls in the folder DATA through a real replica on a database of its own, under tight budgets,
// replays its verdict log under the same budgets, and tells whether every verdict is the same, and how fast the replay is.

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count == 2 else {
    FileHandle.standardError.write(Data("usage: replay DATA REPOSITORY\n".utf8))
    exit(2)
}

/// The processor time of this thread, in seconds.
func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// How many calls a second `body` replays, as the median of several runs.
func rate(of calls: Int, _ seconds: () -> Double, _ body: () throws -> Void) rethrows -> Int {
    var rates: [Double] = []
    for _ in 0..<9 {
        let begun = seconds()
        try body()
        rates.append(Double(calls) / (seconds() - begun))
    }
    return Int(rates.sorted()[rates.count / 2])
}

do {
    let calls = try AzureHour.calls(in: arguments[0])
    let isSame = try await PlayedHour.with(calls, ResourceDirectory(path: arguments[1])) { hour -> Bool in
        print(
            "Played \(hour.calls) calls: \(hour.denied) denied, \(hour.downgraded) downgraded, \(hour.clamped) clamped."
        )
        let run = ReplayRun(hour.budgets, in: hour.configuration, over: hour.span, team: nil)
        let connection = try hour.database.connect()
        let result = try run.run(connection).result
        let counts = result.counts
        print(
            """
            Replayed \(counts.calls) calls: \(counts.denied) denied, \(counts.downgraded) downgraded, \(counts.clamped) clamped. \
            \(result.differenceCount) of \(counts.calls) verdicts differ; spent \(counts.spent), in truth \(counts.reallySpent).
            """)
        for difference in result.differences {
            print("\(difference.at) \(difference.requestID): \(difference.was); now \(difference.becomes)")
        }
        let pages = try VerdictFeed.pages(hour.span, connection)
        let bytes = pages.reduce(0) { $0 + $1.content.count }
        print("The log has \(pages.count) pages of \(bytes) bytes, \(bytes / max(1, hour.calls)) a call with its end.")
        let inMemory = rate(of: hour.calls, processorSeconds) { _ = run.run(pages, opening: []) }
        print("Replay of pages in memory: \(inMemory) calls a second of one core.")
        let begun = ContinuousClock.now
        let fromDatabase = try rate(of: hour.calls, { (ContinuousClock.now - begun) / .seconds(1) }) {
            _ = try run.run(connection, opening: [])
        }
        print("Replay with reading from PostgreSQL: \(fromDatabase) calls a second.")
        return result.differenceCount == 0 && counts.calls == hour.calls
    }
    exit(isSame ? 0 : 1)
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
}
