import Foundation
import JSON

/// What a provider bills, written as it exports it.
struct ProviderExport {
    /// One kind of token of one model on one day.
    struct Item {
        var day: String
        /// As the ledger calls it.
        var model: String
        var part: Part
        var tokens: Int
        var cost: Decimal
        var account = "key_1"
    }

    enum Part: String, CaseIterable { case input, cached, output }

    var items: [Item]

    /// The form's provider in the ledger, and two of its models as the ledger calls them and as the export does.
    static let forms: [(form: String, provider: String, models: [(ours: String, theirs: String)])] = [
        ("openai", "openai", [("gpt-4o", "gpt-4o"), ("gpt-4o-mini", "gpt-4o-mini")]),
        (
            "anthropic", "anthropic",
            [("claude-opus-4-5", "claude-opus-4-5-20251101"), ("claude-haiku-4-5", "claude-haiku-4-5-20251001")]
        ),
        (
            "aws", "bedrock",
            [
                ("anthropic.claude-sonnet-4-6", "Claude Sonnet 4.6 (Amazon Bedrock Edition)"),
                ("amazon.nova-pro-v1:0", "NovaPro"),
            ]
        ),
        ("azure", "azure", [("gpt-4o", "gpt 4o"), ("gpt-4o-mini", "gpt 4o mini")]),
        ("google", "vertex_ai", [("gemini-2.5-flash", "Gemini 2.5 Flash"), ("gemini-2.5-pro", "Gemini 2.5 Pro")]),
        (
            "openrouter", "openrouter",
            [("openai/gpt-4.1", "openai/gpt-4.1"), ("openai/gpt-4.1-mini", "openai/gpt-4.1-mini")]
        ),
        ("litellm", "openai", [("gpt-4o", "gpt-4o"), ("gpt-4o-mini", "openai/gpt-4o-mini")]),
        ("csv", "mistral", [("mistral-large-2512", "mistral-large-2512"), ("codestral-2508", "codestral-2508")]),
    ]

    func text(_ form: String, names: [String: String]) -> String {
        func name(_ item: Item) -> String { names[item.model] ?? item.model }
        switch form {
        case "openai":
            let words = [Part.input: "input", .cached: "cached input", .output: "output"]
            return pages(day: { "\"start_time\":\(Self.seconds($0))" }) { item in
                #"{"object":"organization.costs.result","amount":{"value":\#(item.cost),"currency":"usd"},"line_item":"\#(name(item)), \#(words[item.part]!)","api_key_id":"\#(item.account)","quantity":\#(item.tokens),"quantity_unit":"tokens"}"#
            }
        case "anthropic":
            let words = [
                Part.input: "uncached_input_tokens", .cached: "cache_read_input_tokens", .output: "output_tokens",
            ]
            // The costs and the usage, a page of each.
            let costs = pages(day: { #""starting_at":"\#($0)T00:00:00Z""# }) { item in
                #"{"amount":"\#(item.cost * 100)","currency":"USD","model":"\#(name(item))","token_type":"\#(words[item.part]!)","workspace_id":"\#(item.account)"}"#
            }
            let usage = pages(day: { #""starting_at":"\#($0)T00:00:00Z""# }) { item in
                let own = item.part == .input ? "" : #","uncached_input_tokens":0"#
                return
                    #"{"\#(words[item.part]!)":\#(item.tokens)\#(own),"model":"\#(name(item))","workspace_id":"\#(item.account)"}"#
            }
            return costs + "\n" + usage
        case "aws": return aws(name)
        case "azure":
            let words = [Part.input: "Inp", .cached: "cached Inp", .output: "Outp"]
            return
                "Date,MeterCategory,MeterId,MeterName,UnitOfMeasure,Quantity,CostInBillingCurrency,ConsumedService,ChargeType,BillingCurrencyCode,ResourceName\n"
                + items.map { item in
                    let day = item.day.split(separator: "-")
                    let meter = "\(name(item)) \(words[item.part]!) glbl Tokens"
                    return
                        "\(day[1])/\(day[2])/\(day[0]),Foundry Models,m-\(meter.hashValue),\(meter),1K,\(Decimal(item.tokens) / 1000),\(item.cost),Microsoft.CognitiveServices,Usage,USD,\(item.account)\n"
                }.joined()
        case "google":
            let words = [Part.input: "GA Text Input", .cached: "GA Cached Text Input", .output: "GA Text Output"]
            return items.map { item in
                #"{"service":{"description":"Vertex AI"},"sku":{"description":"\#(name(item)) \#(words[item.part]!) - Predictions"},"usage_start_time":"\#(item.day) 07:00:00 UTC","cost":\#(item.cost),"currency":"USD","usage":{"amount":\#(item.tokens),"unit":"count"},"project":{"id":"\#(item.account)"},"credits":[],"cost_type":"regular"}"#
            }.joined(separator: "\n")
        case "openrouter":
            return
                "generation_id,created_at,cost_total,tokens_prompt,tokens_completion,tokens_cached,model_permaslug,api_key_name\n"
                + items.enumerated().map { index, item in
                    let (prompt, output) = item.part == .output ? (0, item.tokens) : (item.tokens, 0)
                    return
                        "gen-\(index),\(item.day) 10:00:00,\(item.cost),\(prompt),\(output),\(item.part == .cached ? item.tokens : 0),\(name(item)),\(item.account)\n"
                }.joined()
        case "litellm":
            return "["
                + items.map { item in
                    let (prompt, output) = item.part == .output ? (0, item.tokens) : (item.tokens, 0)
                    return
                        #"{"spend":\#(item.cost),"prompt_tokens":\#(prompt),"completion_tokens":\#(output),"startTime":"\#(item.day)T10:00:00.123000Z","model":"\#(name(item))","custom_llm_provider":"openai","api_key":"\#(item.account)"}"#
                }.joined(separator: ",") + "]"
        default:
            let words = [Part.input: "input_tokens", .cached: "cache_read_tokens", .output: "output_tokens"]
            return "day,model,kind,quantity,amount_usd\n"
                + items.map { "\($0.day),\(name($0)),\(words[$0.part]!),\($0.tokens),\($0.cost)\n" }.joined()
        }
    }

    private func aws(_ name: (Item) -> String) -> String {
        let header =
            "bill_billing_period_start_date,line_item_line_item_type,line_item_product_code,line_item_usage_type,line_item_usage_amount,line_item_unblended_cost,line_item_currency_code,line_item_usage_start_date,pricing_unit,product_servicename,line_item_iam_principal\n"
        let words = [Part.input: "InputTokenCount", .cached: "CacheReadInputTokenCount", .output: "OutputTokenCount"]
        let own = [Part.input: "input-tokens", .cached: "cache-read-input-token-count", .output: "output-tokens"]
        return header
            + items.map { item in
                let isMarket = name(item).contains("(")
                let type =
                    isMarket ? "USE1-MP:USE1_\(words[item.part]!)-Units" : "USE1-\(name(item))-\(own[item.part]!)"
                let quantity = Decimal(item.tokens) / (isMarket ? 1_000_000 : 1000)
                return
                    "\(item.day.prefix(7))-01,Usage,\(isMarket ? "market" : "AmazonBedrock"),\(type),\(quantity),\(item.cost),USD,\(item.day)T00:00:00.000Z,\(isMarket ? "Units" : "1K tokens"),\(isMarket ? name(item) : "Amazon Bedrock"),\(item.account)\n"
            }.joined()
    }

    private func pages(day: (String) -> String, _ result: (Item) -> String) -> String {
        let buckets = Dictionary(grouping: items, by: \.day).sorted { $0.key < $1.key }.map { key, items in
            "{\(day(key)),\"results\":[\(items.map(result).joined(separator: ","))]}"
        }
        return "{\"data\":[\(buckets.joined(separator: ","))],\"has_more\":false}"
    }

    private static func seconds(_ day: String) -> Int {
        Int((try? Date("\(day)T00:00:00Z", strategy: .iso8601))?.timeIntervalSince1970 ?? 0)
    }
}
