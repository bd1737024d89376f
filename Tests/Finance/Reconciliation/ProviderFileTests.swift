import Accounting
import Finance
import Testing

@Suite("Files of providers") struct ProviderFileTests {
    struct Sample: CustomTestStringConvertible, Sendable {
        var form: ProviderForm
        var text: String
        /// Each as `day model part quantity amount kind`.
        var lines: [String]
        var testDescription: String { "\(form.rawValue): \(lines.first ?? "")" }

        init(_ form: ProviderForm, _ text: String, _ lines: [String]) {
            (self.form, self.text, self.lines) = (form, text, lines)
        }
    }

    private static let openAIHeader =
        "start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,quantity,quantity_unit,line_item,user_id,api_key_id,project_id,organization_id,project_name,organization_name,user_email,api_source\n"

    static let samples = [
        Sample(
            .openai,
            openAIHeader + """
                1790467200,1790553600,2026-09-27T00:00:00+00:00,2026-09-28T00:00:00+00:00,,,,,,,,,,,,,
                1790553600,1790640000,2026-09-28T00:00:00,2026-09-29T00:00:00,0.003835980000000000000000000000,usd,,,,,,,org-fixture,,Fixture Org,someone@example.com,
                1790553600,1790640000,2026-09-28T00:00:00,2026-09-29T00:00:00,0.5,usd,1000,tokens,"gpt-5-nano, input_tokens",,key_1,proj_a,org-fixture,Proj A,,,
                """,
            ["2026-09-28 - - - 0.00383598 usage", "2026-09-28 gpt-5-nano input_tokens 1000 0.5 usage"]),
        Sample(
            .openai,
            #"{"object":"page","data":[{"object":"bucket","start_time":1790553600,"end_time":1790640000,"results":[{"object":"organization.costs.result","amount":{"value":0.06,"currency":"usd"},"line_item":"gpt-4o-2024-08-06, cached input","project_id":null,"quantity":2.5,"quantity_unit":"1000_tokens"}]}],"has_more":false,"next_page":null}"#,
            ["2026-09-28 gpt-4o-2024-08-06 cache_read_tokens 2500 0.06 usage"]),
        Sample(
            .openai,
            #"{"object":"page","data":[{"start_time":1790553600,"results":[{"object":"organization.usage.completions.result","input_tokens":1000,"input_cached_tokens":800,"output_tokens":500,"num_model_requests":5,"model":"gpt-4o","batch":true}]}]}"#,
            [
                "2026-09-28 gpt-4o input_tokens 200 - usage", "2026-09-28 gpt-4o cache_read_tokens 800 - usage",
                "2026-09-28 gpt-4o output_tokens 500 - usage",
            ]),
        Sample(
            .anthropic,
            #"{"data":[{"starting_at":"2026-10-01T00:00:00Z","ending_at":"2026-10-02T00:00:00Z","results":[{"amount":"41280.000000","currency":"USD","cost_type":"tokens","model":"claude-opus-4-5","token_type":"uncached_input_tokens","service_tier":"standard"},{"amount":"123.45","currency":"USD","model":"claude-opus-4-5","token_type":"cache_creation.ephemeral_1h_input_tokens"}]}],"has_more":false}"#,
            [
                "2026-10-01 claude-opus-4-5 input_tokens - 412.8 usage",
                "2026-10-01 claude-opus-4-5 cache_write_tokens - 1.2345 usage",
            ]),
        Sample(
            .anthropic,
            #"{"data":[{"starting_at":"2026-10-01T00:00:00Z","results":[{"uncached_input_tokens":10,"cache_creation":{"ephemeral_5m_input_tokens":3,"ephemeral_1h_input_tokens":4},"cache_read_input_tokens":5,"output_tokens":6,"model":"claude-opus-4-5"}]}]}"#,
            [
                "2026-10-01 claude-opus-4-5 input_tokens 10 - usage",
                "2026-10-01 claude-opus-4-5 cache_read_tokens 5 - usage",
                "2026-10-01 claude-opus-4-5 cache_write_tokens 7 - usage",
                "2026-10-01 claude-opus-4-5 output_tokens 6 - usage",
            ]),
        Sample(
            .aws,
            """
            bill_billing_period_start_date,line_item_line_item_type,line_item_product_code,line_item_usage_type,line_item_usage_amount,line_item_unblended_cost,line_item_currency_code,line_item_usage_start_date,pricing_unit,product,line_item_iam_principal
            2026-10-01T00:00:00.000Z,Usage,marketplace,USE1-MP:USE1_CacheReadInputTokenCount-Units,1.5,0.45,USD,2026-10-03T00:00:00.000Z,Units,"{""servicename"":""Claude Sonnet 4.6 (Amazon Bedrock Edition)""}",arn:aws:iam::1:role/a
            2026-10-01,Usage,AmazonBedrock,USE1-NovaPro-input-tokens-batch,2,0.0008,USD,2026-10-03 00:00:00.000,1K tokens,,
            2026-10-01,Tax,AmazonBedrock,,,0.09,USD,2026-10-03,,,
            2026-10-01,Usage,AmazonEC2,BoxUsage,1,9,USD,2026-10-03,,,
            """,
            [
                "2026-10-03 Claude Sonnet 4.6 cache_read_tokens 1500000 0.45 usage",
                "2026-10-03 NovaPro input_tokens 2000 0.0008 usage", "2026-10-03 - - - 0.09 tax",
            ]),
        Sample(
            .azure,
            """
            Date,ProductName,MeterCategory,MeterSubCategory,MeterId,MeterName,UnitOfMeasure,Quantity,CostInBillingCurrency,ConsumedService,ChargeType,BillingCurrencyCode
            10/03/2026,Azure OpenAI,Foundry Models,Azure OpenAI,m-1,gpt 4o 1120 cached Inp glbl Tokens,1K,2,0.0025,Microsoft.CognitiveServices,Usage,USD
            2026-10-03,Azure OpenAI,Foundry Models,Azure OpenAI GPT5,M-2,5.4 inp Gl 1M Tokens,1M,0.5,1.25,Microsoft.CognitiveServices,Usage,USD
            10/03/2026,Storage,Storage,,m-3,LRS,1,1,1,Microsoft.Storage,Usage,USD
            """,
            [
                "2026-10-03 gpt-4o-1120 cache_read_tokens 2000 0.0025 usage",
                "2026-10-03 gpt-5.4 input_tokens 500000 1.25 usage",
            ]),
        Sample(
            .google,
            #"""
            {"service":{"id":"C7E2-9256-1C43","description":"Vertex AI"},"sku":{"description":"Gemini 2.5 Flash GA Text Input - Predictions"},"usage_start_time":"2026-10-03 07:00:00 UTC","cost":0.3,"currency":"USD","usage":{"amount":1000000,"unit":"count"},"credits":[{"name":"c","amount":-0.1},{"amount":-0.05}],"invoice":{"month":"202610"},"cost_type":"regular"}
            {"service":{"description":"Cloud Storage"},"sku":{"description":"x"},"usage_start_time":"2026-10-03T07:00:00Z","cost":5,"currency":"USD"}
            {"service":{"description":"Gemini API"},"sku":{"description":"Gemini 2.5 Flash Thinking Text Output - Predictions"},"usage_start_time":"2026-10-03T07:00:00Z","cost":2.5e-1,"currency":"USD","usage":{"amount":100,"unit":"count"},"credits":[],"cost_type":"regular"}
            """#,
            [
                "2026-10-03 Gemini-2.5-Flash input_tokens 1000000 0.3 usage",
                "2026-10-03 Gemini-2.5-Flash - - -0.15 credit",
                "2026-10-03 Gemini-2.5-Flash output_tokens 100 0.25 usage",
            ]),
        Sample(
            .openrouter,
            #"{"data":[{"date":"2025-08-24","model":"openai/gpt-4.1","model_permaslug":"openai/gpt-4.1-2025-04-14","provider_name":"OpenAI","usage":0.015,"byok_usage_inference":0.012,"requests":5,"prompt_tokens":50,"completion_tokens":125,"reasoning_tokens":25}]}"#,
            [
                "2025-08-24 openai/gpt-4.1 - - 0.015 usage", "2025-08-24 openai/gpt-4.1 prompt_tokens 50 - usage",
                "2025-08-24 openai/gpt-4.1 output_tokens 125 - usage",
            ]),
        Sample(
            .openrouter,
            """
            generation_id,created_at,cost_total,byok_usage_inference,tokens_prompt,tokens_completion,tokens_reasoning,tokens_cached,model_permaslug,provider_name,api_key_name
            gen-1,2026-10-03 23:59:59.123,0.0105,0,100,20,0,60,openai/gpt-4.1-2025-04-14,OpenAI,prod
            """,
            [
                "2026-10-03 openai/gpt-4.1-2025-04-14 - - 0.0105 usage",
                "2026-10-03 openai/gpt-4.1-2025-04-14 prompt_tokens 100 - usage",
                "2026-10-03 openai/gpt-4.1-2025-04-14 output_tokens 20 - usage",
                "2026-10-03 openai/gpt-4.1-2025-04-14 cache_read_tokens 60 - usage",
            ]),
        Sample(
            .litellm,
            #"[{"request_id":"r","spend":1.2345678901234567e-05,"prompt_tokens":7,"completion_tokens":2,"startTime":"2026-10-03T10:00:00.123000Z","model":"gpt-4o","custom_llm_provider":"openai","api_key":"k"}]"#,
            [
                "2026-10-03 gpt-4o - - 0.000012345678901234567 usage", "2026-10-03 gpt-4o prompt_tokens 7 - usage",
                "2026-10-03 gpt-4o output_tokens 2 - usage",
            ]),
        Sample(
            .csv,
            """
            day,model,kind,quantity,amount_usd
            2026-10-03,mistral-large,input_tokens,1000,0.002
            2026-10-03,,tax,,0.0004
            """,
            ["2026-10-03 mistral-large input_tokens 1000 0.002 usage", "2026-10-03 - - - 0.0004 tax"]),
    ]

    @Test("are read as their providers write them", arguments: samples)
    func read(sample: Sample) throws {
        let meters = ["m-2": ProviderMeter(model: "gpt-5.4", part: .input)]
        let file = try sample.form.read(Array(sample.text.utf8), meters: meters)
        #expect(file.lines.map(Self.text) == sample.lines)
    }

    private static func text(_ line: ProviderLine) -> String {
        [
            line.day.description, line.model ?? "-", line.kind == .usage ? line.part?.rawValue ?? "-" : "-",
            line.quantity?.text ?? "-", line.amount?.text ?? "-", line.kind.rawValue,
        ].joined(separator: " ")
    }

    @Test("tell of days on which nothing was spent")
    func fillers() throws {
        let file = try ProviderForm.openai.read(Array(Self.samples[0].text.utf8))
        #expect(file.days.map(\.description).sorted() == ["2026-09-27", "2026-09-28"])
    }

    @Test("say what they left out")
    func warnings() throws {
        for (form, words) in [(ProviderForm.aws, "1 line of other products"), (.google, "1 line of other services")] {
            let sample = try #require(Self.samples.first { $0.form == form })
            #expect(try form.read(Array(sample.text.utf8)).warnings.contains { $0.hasPrefix(words) })
        }
    }

    @Test(
        "are refused with the reason where they are of another kind",
        arguments: [
            (.openai, "a,b\n1,2\n", "no column start_time"), (.openai, "{}", "no data"), (.openai, "{", "not JSON"),
            (.anthropic, "{\"data\":[{\"starting_at\":\"x\",\"results\":[]}]}", "starting_at is no day"),
            (.aws, "a,b\n1,2\n", "Cost and Usage Report"), (.azure, "a,b\n1,2\n", "cost details"),
            (.google, "a,b\n1,2\n", "billing"), (.openrouter, "a,b\n1,2\n", "activity"),
            (.litellm, "a,b\n1,2\n", "no spend"), (.csv, "day,model,price\n2026-10-01,m,1\n", "columns must be"),
            (.csv, "day,amount_usd\n2026-10-01,1.2.3\n", "at line 2: amount_usd is no decimal"), (.csv, "", "no rows"),
            (.csv, "day,amount_usd\n10/9223372036854775807/2026,1\n", "at line 2: day is no day"),
            (.csv, "day,amount_usd\n2026-10-01,\n", "at line 2: there is no amount_usd"),
            (.csv, "day,amount_usd\n2026-10-01,1,002.50\n", "at line 2: it has 3 fields, and the heading has 2"),
            (.csv, "day,model,amount_usd\n2026-10-01,m\n", "at line 2: it has 2 fields"),
            (.csv, "day,kind,amount_usd\n2026-10-01,Tax,1\n", "at line 2: the kind must be"),
            (.openai, "start_time,amount\n1790553600,1\n", "no column amount_value"),
            (
                .openai, "start_time,amount_value,amount_currency\n1790553600,1,eur\n",
                "at line 2: the amounts are in eur; export them in USD"
            ),
        ] as [(ProviderForm, String, String)])
    func refused(form: ProviderForm, text: String, words: String) {
        let failure = #expect(throws: ProviderFileFailure.self) { try form.read(Array(text.utf8)) }
        #expect(failure?.description.contains(words) == true, "\(failure?.description ?? "")")
    }

    @Test(
        "are the same behind a byte order mark",
        arguments: [
            (
                .openai,
                #"{"data":[{"start_time":1790553600,"results":[{"amount":{"value":0.06,"currency":"usd"},"line_item":"gpt-4o, input"}]}]}"#
            ),
            (.csv, "day,model,kind,quantity,amount_usd\n2026-10-01,m,input_tokens,10,0.06\n"),
        ] as [(ProviderForm, String)])
    func mark(form: ProviderForm, text: String) throws {
        let file = try form.read([0xEF, 0xBB, 0xBF] + Array(text.utf8))
        #expect(
            try file.lines.map(\.amount) == form.read(Array(text.utf8)).lines.map(\.amount) && file.lines.count == 1)
    }
}
