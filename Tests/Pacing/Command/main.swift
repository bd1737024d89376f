import Accounting
import Foundation
import PacedMonth

// pacing DATA PICTURE
//
// Stretches the hour of real calls in the folder DATA over a month with weekends and nights, runs a tight budget over it
// on the real engine, without pacing and with it, draws both into the file PICTURE and tells of them.

let arguments = CommandLine.arguments.dropFirst()
guard arguments.count == 2, let data = arguments.first, let picture = arguments.last else {
    FileHandle.standardError.write(Data("usage: pacing DATA PICTURE\n".utf8))
    exit(2)
}

/// Of what the best model alone would cost.
let limitPercent: Int64 = 60
let month = Period.month.window(containing: Timestamp(rfc3339: "2026-11-20T12:00:00Z")!, in: .utc)
let monthBefore = Period.month.window(containing: month.start.adding(seconds: -1), in: .utc)

do {
    let hour = try AzureHour.calls(in: data)
    let calls = hour.stretched(over: WeekShape(of: month))
    let profile = SpendingProfile(after: hour.stretched(over: WeekShape(of: monthBefore)), at: month.start)
    // Whole dollars, as people set them.
    let dollar: Int64 = 1_000_000_000
    let limit = LadderOfThree.cost(of: calls, on: 0) * limitPercent / 100 / dollar * dollar
    let runs = [false, true].map { MonthRun(calls, in: month, limit: limit, isPaced: $0, profile: profile) }
    let chart = PacingChart(unpaced: runs[0], paced: runs[1])
    try chart.svg.write(toFile: picture, atomically: true, encoding: .utf8)
    print(chart.summary)
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
}
