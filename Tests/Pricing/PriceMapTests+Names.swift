import Accounting
import JSON
import Pricing
import Testing

/// Which entries of the map are taken, and under which names.
extension PriceMapTests {
    @Test(
        "a provider and a model get the names that routers use",
        arguments: [
            ("gpt-4o", "openai", "openai/gpt-4o", true), ("openai/o9", "text-completion-openai", "openai/o9", true),
            ("gemini/gemini-2.5-pro", "gemini", "google/gemini-2.5-pro", true),
            ("gemini-2.5-pro", "vertex_ai-language-models", "vertex_ai/gemini-2.5-pro", nil),
            ("vertex_ai/claude-x@1", "vertex_ai-anthropic_models", "vertex_ai/claude-x@1", nil),
            ("bedrock/us-east-1/a.b-v1:0", "bedrock", "bedrock/us-east-1/a.b-v1:0", nil),
            ("bedrock/invoke/us-east-1/c", "bedrock_converse", "bedrock/us-east-1/c", nil),
            ("command-r", "cohere_chat", "cohere/command-r", true),
            ("azure/gpt-35", "azure_text", "azure/gpt-35", nil),
            ("amazon-nova/nova-pro", "amazon_nova", "amazon_nova/nova-pro", true),
            ("openrouter/openai/gpt-4o", "openrouter", "openrouter/openai/gpt-4o", nil),
            ("cloudflare/@cf/x", "cloudflare", "cloudflare/@cf/x", nil), ("zai/glm-5", "zai", "zai/glm-5", true),
        ] as [(String, String, String, Bool?)])
    func names(name: String, label: String, expected: String, isMaker: Bool?) throws {
        let file = try #require(try parse(entry: Self.plain, name: name, provider: label).files.first)
        #expect("\(file.provider)/\(file.models[0].name)" == expected)
        #expect(file.isMaker == isMaker)
    }

    @Test(
        "an entry that cannot be taken is skipped with its reason",
        arguments: [
            (#"{"input_cost_per_token": 0, "output_cost_per_token": 0.0}"#, "0 in the map, not known to be free"),
            (
                #"{"input_cost_per_token": null, "output_cost_per_token": null, "input_cost_per_pixel": 1e-9}"#,
                "no price of anything that Purser meters"
            ),
            (#"{"litellm_provider": null}"#, "names no provider"),
            (#"{"litellm_provider": "one of these"}"#, "its provider has a name Purser does not take"),
            (#"{"litellm_provider": "a/b"}"#, "its provider has a name Purser does not take"),
            (#"{"input_cost_per_token": "0.1"}"#, "input_cost_per_token is not a number"),
            (#"{"max_output_tokens": 0.5}"#, "max_output_tokens is not a whole number of tokens"),
            ("[]", "is not an object"),
            (#"{"mode": "chat", "mode": "chat"}"#, "gives mode twice"),
        ])
    func skipped(change: String, reason: String) throws {
        var fields = [
            "litellm_provider": #""openai""#, "mode": #""chat""#, "input_cost_per_token": "1e-6",
            "output_cost_per_token": "2e-6",
        ]
        var entry = change
        let changed = try JSONDocument(text: change).root
        if changed.kind == .object, !reason.hasSuffix("twice") {
            for (name, value) in changed.fields { fields[name] = value.source }
            entry = "{" + fields.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", ") + "}"
        }
        let good = #"{"litellm_provider": "openai", "mode": "chat", \#(Self.plain)}"#
        let map = try parse(#"{"bad": \#(entry), "good": \#(good)}"#)
        #expect(map.skipped.map { "\($0.model): \($0.reason)" } == ["bad: \(reason)"])
        #expect(map.files.flatMap(\.models).map(\.name) == ["good"])
    }

    @Test("a name that Purser does not take is skipped")
    func skippedByName() throws {
        let map = try parse(entry: Self.plain, name: "a b")
        #expect(map.files.isEmpty)
        #expect(map.skipped.map { "\($0.model): \($0.reason)" } == ["a b: a name Purser does not take"])
    }

    @Test("each name that was taken leads to its model")
    func takenNames() throws {
        let map = try parse(entry: Self.plain, name: "gemini/gemini-9", provider: "gemini")
        #expect(map.names == ["gemini/gemini-9": ModelName(provider: "google", model: "gemini-9")])
        #expect(try parse(entry: #""input_cost_per_token": 0"#).names.isEmpty)
    }
}
