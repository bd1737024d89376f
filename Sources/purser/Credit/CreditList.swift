import ArgumentParser

struct CreditList: ListCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the credits with what is left of them, those that were withdrawn too.")
    static let field: StaticString = "credits"
    static let columns = Column.credit

    @OptionGroup var listing: ListingOptions

    var title: TableTitle { TableTitle("Credits") }

    var route: Route { get throws { try Route("credits") } }
}
