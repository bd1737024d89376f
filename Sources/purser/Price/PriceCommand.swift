import ArgumentParser

struct PriceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "price", abstract: "Read, import, update and check prices; rate recorded calls again.",
        subcommands: [
            PriceList.self, PriceShow.self, PriceImport.self, PriceUpdateCommand.self, PriceConvert.self,
            PriceRerate.self,
            PriceCheck.self,
        ])
}
