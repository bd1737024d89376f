import ArgumentParser

/// A command that shows what one route of the API lists.
protocol ListCommand: AsyncParsableCommand {
    /// The field of the answer that has the objects.
    static var field: StaticString { get }
    static var columns: [Column] { get }

    var route: Route { get throws }
    var listing: ListingOptions { get }
}

extension ListCommand {
    func run() async throws {
        try listing.write(try await PurserClient().get(route), Self.field, columns: Self.columns)
    }
}
