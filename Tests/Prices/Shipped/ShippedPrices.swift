import Accounting
import Foundation
import Pricing

/// Files of the price book as a book without a database; those of the folder `pricing/` of this checkout, if no others are
/// given.
package struct ShippedPrices: Sendable {
    package let files: [PriceFile]
    package let book: PriceBook

    package static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("pricing")

    package init() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).sorted()
        self.init(
            files: try names.filter { $0.hasSuffix(".yaml") }.map { name in
                let text = try String(contentsOf: Self.folder.appendingPathComponent(name), encoding: .utf8)
                return try PriceFile.parse(text, fileName: name)
            })
    }

    package init(files: [PriceFile]) {
        self.files = files
        var nextID: Int64 = 1
        let models = files.flatMap { file in
            file.models.map { model in
                let name = ModelName(provider: file.provider, model: model.name)
                let prices = model.prices.map { line in
                    defer { nextID += 1 }
                    return Self.price(line, of: name, id: nextID)
                }
                return ModelPrices(name: name, maximumOutputTokens: model.maxOutputTokens, prices: prices)
            }
        }
        let aliases = files.flatMap { file in
            file.models.flatMap { model in
                model.aliases.map {
                    (
                        ModelName(provider: file.provider, model: $0),
                        ModelName(provider: file.provider, model: model.name)
                    )
                }
            }
        }
        book = PriceBook(
            models: models, aliases: Dictionary(uniqueKeysWithValues: aliases),
            makers: Set(files.filter { $0.isMaker == true }.map(\.provider)))
    }

    private static func price(_ line: PriceFile.PriceLine, of model: ModelName, id: Int64) -> Price {
        Price(
            id: id, model: model, meter: Meter(line.meter), tier: ServiceTier(rawValue: line.serviceTier)!,
            aboveContextTokens: line.aboveContextTokens, region: line.region.isEmpty ? nil : line.region,
            hours: line.hours.isEmpty ? nil : WeeklyHours(text: line.hours),
            femtodollarsPerUnit: line.femtodollarsPerUnit, leastQuantity: line.leastQuantity, validFrom: line.validFrom,
            validUntil: line.validUntil)
    }
}
