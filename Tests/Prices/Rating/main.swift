// Answers for the comparisons in Tests/Prices, by the prices of the map of litellm alone or by the shipped ones.
//
// The arguments are the price map, and `map` or `book`. The program first prints a line for each name in the map: the name, the
// provider and the model, separated by tabs; or the name, nothing, and why the name was left out. An empty line follows. Then
// each line of standard input is answered with one line: see `Answers`.

import Accounting
import Foundation
import JSON
import Pricing
import ShippedPrices

guard CommandLine.arguments.count == 3, let bytes = FileManager.default.contents(atPath: CommandLine.arguments[1])
else {
    fatalError("wants the price map, and map or book")
}
let map = try PriceMap.parse(Array(bytes), today: CalendarDay(text: "2026-11-21")!)
let prices = CommandLine.arguments[2] == "map" ? ShippedPrices(files: map.files) : try ShippedPrices()
let answers = Answers(book: prices.book)
var output = ""
for (name, model) in map.names.sorted(by: { $0.key < $1.key }) {
    output += "\(name)\t\(model.provider)\t\(model.model)\n"
}
for skipped in map.skipped { output += "\(skipped.model)\t\t\(skipped.reason)\n" }
// Bypasses the buffer of `print`, which would keep an answer until there are many.
FileHandle.standardOutput.write(Data((output + "\n").utf8))
while let line = readLine() { FileHandle.standardOutput.write(Data((answers.answer(line) + "\n").utf8)) }
