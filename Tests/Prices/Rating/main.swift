// Rates usages at the shipped prices, for Tests/Prices/compare.py, which asks litellm about the same usages.
//
// The argument is the price map. The program first prints a line for each name in the map: the name, the provider and
// the model, separated by tabs. An empty line follows. Then each line of standard input (provider, model, service tier,
// region, time, size of the prompt, quantities as JSON) is answered with the cost in nanodollars, or with the reason
// why there is none.

import Accounting
import Foundation
import JSON
import Pricing
import ShippedPrices

func answer(_ line: String, _ book: PriceBook) -> String {
    let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 7, let tier = ServiceTier(rawValue: parts[2]), let moment = Timestamp(rfc3339: parts[4]),
        let context = Int64(parts[5])
    else { return "not understood" }
    guard case .priced(let model) = book.resolve(parts[1], provider: parts[0]) else { return "no such model" }
    guard let usage = try? JSONDocument(text: parts[6]).root else { return "no JSON" }
    var quantities = Quantities()
    for (name, count) in usage.fields { quantities.add(Meter(name), count.integer ?? 0) }
    let region = parts[3].isEmpty ? nil : parts[3]
    guard let card = model.card(tier: tier, region: region, contextTokens: context, at: moment) else {
        return "no price in force"
    }
    let rated = card.rate(quantities)
    if let cost = rated.cost { return String(cost.nanodollars) }
    return "unpriced " + rated.lines.filter { $0.rate == nil }.map(\.meter.name).joined(separator: ",")
}

guard CommandLine.arguments.count == 2, let map = FileManager.default.contents(atPath: CommandLine.arguments[1]) else {
    fatalError("wants the price map")
}
let shipped = try ShippedPrices()
var output = ""
for (name, model) in try PriceMap.parse(Array(map), today: CalendarDay(text: "2026-11-21")!).names.sorted(by: {
    $0.key < $1.key
}) {
    output += "\(name)\t\(model.provider)\t\(model.model)\n"
}
// Bypasses the buffer of `print`, which would keep an answer until there are many.
FileHandle.standardOutput.write(Data((output + "\n").utf8))
while let line = readLine() { FileHandle.standardOutput.write(Data((answer(line, shipped.book) + "\n").utf8)) }
