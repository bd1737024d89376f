import Finance
import Testing

@Suite("Logs of routers as events") struct ProviderUsageTests {
    private static let litellm =
        #"{"request_id":"r-1","spend":1.2345e-05,"startTime":"2026-10-03 10:00:00.5","prompt_tokens":7,"completion_tokens":2,"model":"gpt-4o","custom_llm_provider":"openai","team_id":"search","status":"success","metadata":{"usage_object":{"prompt_tokens_details":{"cached_tokens":4}}}}"#

    private static let openrouter = """
        generation_id,created_at,cost_total,tokens_prompt,tokens_completion,tokens_reasoning,tokens_cached,model_permaslug
        gen-1,2026-10-03T23:59:59Z,0.0105,100,20,5,0,openai/gpt-4.1
        ,2026-10-03T23:59:59Z,0.01,1,1,0,0,openai/gpt-4.1
        gen-3,yesterday,0.01,1,1,0,0,openai/gpt-4.1
        """

    @Test("keep each call's id, time, tokens and what the router says it cost")
    func events() throws {
        let row = try #require(try ProviderUsage.litellm.events(Array(Self.litellm.utf8), team: nil).first)
        guard case .ready(1, let json) = row else {
            Issue.record("\(row)")
            return
        }
        #expect(
            String(decoding: json, as: UTF8.self)
                == #"{"team":"search","model":"gpt-4o","provider":"openai","id":"r-1","source":"litellm","occurred_at":"2026-10-03T10:00:00.5Z","provider_cost_usd":"0.000012345","usage":{"input_tokens":7,"output_tokens":2,"cache_read_tokens":4}}"#
        )
        let rows = try ProviderUsage.openrouter.events(Array(Self.openrouter.utf8), team: "t")
        guard case .ready(2, let first) = rows[0] else {
            Issue.record("\(rows[0])")
            return
        }
        #expect(
            String(decoding: first, as: UTF8.self)
                == #"{"team":"t","model":"openai/gpt-4.1","provider":"openrouter","id":"gen-1","source":"openrouter","occurred_at":"2026-10-03T23:59:59Z","provider_cost_usd":"0.0105","usage":{"input_tokens":100,"output_tokens":20,"reasoning_tokens":5}}"#
        )
        #expect(
            Array(rows.dropFirst()) == [
                .refused(line: 3, detail: "it has no id of the call"),
                .refused(line: 4, detail: "it has no time that can be read"),
            ])
        #expect(
            try ProviderUsage.openrouter.events(Array(Self.openrouter.utf8), team: nil)[0]
                == .refused(line: 2, detail: "it names no team; give --team"))
    }

    @Test("are known by their columns, and only where that is certain")
    func detected() {
        #expect(ProviderUsage(beginning: Self.litellm.utf8) == .litellm)
        #expect(ProviderUsage(beginning: Self.openrouter.utf8) == .openrouter)
        #expect(ProviderUsage(beginning: "id,team,model,input_tokens\n".utf8) == nil)
    }
}
