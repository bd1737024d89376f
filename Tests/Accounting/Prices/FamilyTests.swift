import Testing

@testable import Accounting

@Suite("A model's family") struct FamilyTests {
    private static func sold(_ name: String) -> ModelPrices {
        let slash = name.firstIndex(of: "/")!
        let full = ModelName(provider: String(name[..<slash]), model: String(name[name.index(after: slash)...]))
        return ModelPrices([.of(.input, 1, model: full)], name: full)
    }

    private static let book = PriceBook(
        models: [
            "openai/gpt-4o", "openai/gpt-4o-2024-08-06", "openai/gpt-4", "openai/gpt-4-0613",
            "openai/ft:gpt-4o-2024-08-06",
            "openai/o-5-05-20", "openai/o-5", "openai/size-1024", "azure/gpt-4o-2024-08-06", "azure/gpt-4o-2024-11-20",
            "anthropic/claude-4-20250101", "anthropic/claude-4-20250301", "vertex_ai/claude-3@20240307",
            "vertex_ai/claude-5",
            "vertex_ai/claude-5@default", "mistral/large-latest", "mistral/large-2411", "mistral/small",
            "mistral/small-latest",
            "x/a-20240101", "x/b-20240101",
        ].map(sold),
        aliases: [
            ModelName(provider: "anthropic", model: "claude-4"): ModelName(
                provider: "anthropic", model: "claude-4-20250301"),
            // Each is the plain name of the other.
            ModelName(provider: "x", model: "a"): ModelName(provider: "x", model: "b-20240101"),
            ModelName(provider: "x", model: "b"): ModelName(provider: "x", model: "a-20240101"),
        ], makers: ["openai"])

    @Test(
        "is the model that it is a snapshot of, by the same provider",
        arguments: [
            ("openai/gpt-4o", "openai/gpt-4o"), ("openai/gpt-4o-2024-08-06", "openai/gpt-4o"),
            ("azure/gpt-4o-2024-08-06", "azure/gpt-4o"), ("azure/gpt-4o-2024-11-20", "azure/gpt-4o"),
            // A short date is one only where the model is in the book.
            ("openai/gpt-4-0613", "openai/gpt-4"), ("openai/o-5-05-20", "openai/o-5"),
            ("openai/size-1024", "openai/size-1024"), ("mistral/large-2411", "mistral/large-2411"),
            ("vertex_ai/claude-3@20240307", "vertex_ai/claude-3"), ("vertex_ai/claude-5@default", "vertex_ai/claude-5"),
            ("mistral/large-latest", "mistral/large"), ("mistral/small-latest", "mistral/small"),
            // A fine-tuned model is another model than the one it was made from.
            ("openai/ft:gpt-4o-2024-08-06", "openai/ft:gpt-4o"),
            // Where the plain name is an alias of the newest snapshot, that snapshot names the family.
            ("anthropic/claude-4-20250301", "anthropic/claude-4-20250301"),
            ("anthropic/claude-4-20250101", "anthropic/claude-4-20250301"),
            ("x/a-20240101", "x/b-20240101"), ("x/b-20240101", "x/a-20240101"),
        ])
    func families(name: String, family: String) throws {
        guard case .priced(let model) = Self.book.resolve(name) else {
            Issue.record("\(name) has no price")
            return
        }
        #expect(model.name.description == name)
        #expect(model.family.description == family)
        #expect(Self.book.family(of: model.name) == model.family)
        #expect(Self.book.isMeant(model.name, by: model.family) && Self.book.isMeant(model.name, by: model.name))
        #expect(Self.book.models(meantBy: model.family).contains(model.name))
    }

    @Test("is not meant where one of its snapshots is named")
    func direction() {
        let (model, snapshot) = (
            ModelName(provider: "openai", model: "gpt-4o"), ModelName(provider: "openai", model: "gpt-4o-2024-08-06")
        )
        #expect(!Self.book.isMeant(model, by: snapshot))
        #expect(Self.book.models(meantBy: snapshot) == [snapshot])
        #expect(Self.book.models(meantBy: model) == [model, snapshot])
        let new = ModelName(provider: "", model: "new-2024-08-06")
        #expect(Self.book.family(of: new) == new)
    }

    @Test(
        "is told from its name alone",
        arguments: [
            ("m-20240102", "m", true), ("m-2024-01-02", "m", true), ("m@20240102", "m", true), ("m-latest", "m", true),
            ("m@latest", "m", true), ("m@default", "m", true), ("m-0613", "m", false), ("m-2411", "m", false),
            ("m-05-20", "m", false), ("m-default", nil, false), ("m-9912", nil, false), ("m-1340", nil, false),
            ("m-20241301", nil, false), ("m", nil, false), ("-latest", nil, false), ("latest", nil, false),
            ("", nil, false), ("m-", nil, false), ("-05-20", nil, false), ("é-2024-01-02", "é", true),
        ] as [(String, String?, Bool)])
    func names(name: String, base: String?, isCertain: Bool) {
        let snapshot = SnapshotName(name)
        #expect(snapshot?.base == base)
        #expect((snapshot?.isCertain ?? false) == isCertain)
    }
}
