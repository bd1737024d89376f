import ArgumentParser

/// A command that shows the list that one route of the API returns.
protocol ListCommand: AsyncParsableCommand {
    /// The field of the answer that holds the objects.
    static var field: StaticString { get }
    static var columns: [Column] { get }

    var title: TableTitle { get }
    var route: Route { get throws }
    var listing: ListingOptions { get }
}

extension ListCommand {
    func run() async throws {
        try listing.write(try await PurserClient().get(route), Self.field, columns: Self.columns, title: title)
    }
}
