import Accounting

/// A provider of the catalogue, under the name of the price book.
struct PriceCatalogueProvider {
    let name: String

    /// - Parameter model: Google's list has the models of others too, which Vertex AI sells.
    init(id: String, model: String) {
        let isOfOthers = id == "google" && model.hasPrefix("claude")
        name = isOfOthers ? "vertex_ai" : ProviderName.canonical(id)
    }

    /// Whether a model's name alone means this provider's own API.
    var isMaker: Bool { PriceMapProvider(label: name)?.isMaker == true || name == "google" }
}
