import ArgumentParser
import JSON

struct AlertTest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Send a test alert and say whether it arrived.")

    @Argument(help: "The alert's name.", transform: Name.checked)
    var name: String

    func run() async throws {
        let answer = try await PurserClient().send("POST", Route("alerts", name, "test"))
        let detail = Cell(try answer.json()["detail"]).plain
        guard try answer.json()["delivered"]?.bool == true else {
            throw CommandFailure(.refused, "The test alert of \(name) was not delivered.", detail)
        }
        try StandardOutput.writeLine(PrintableText.of(detail.isEmpty ? "Delivered." : "Delivered: \(detail)"))
    }
}
