import JSON

/// Sources: `ResponseUsage`, `Response.tool_usage`, `ImagesResponse.usage`, `Transcription.usage` and
/// `RealtimeResponseUsage` of openai-python 3.54; docs.x.ai (cost tracking).
extension UsageReader {
    /// `input_tokens` and `output_tokens` are wholes that include their details. Realtime and transcriptions spell the
    /// names of the details differently.
    mutating func openAIResponses() -> UsageParts {
        var parts = UsageParts()
        parts.set(.input, whole("input_tokens", .input))
        parts.set(.output, whole("output_tokens", .output))
        let inputDetails = group("input_tokens_details") ?? group("input_token_details")
        addInput(inputDetails, cached: count("cached_tokens", in: inputDetails), to: &parts)
        addOutput(group("output_tokens_details") ?? group("output_token_details"), to: &parts)
        parts.set(.audioInputSeconds, roundedUp("seconds", in: whole))
        addServerTools(to: &parts)
        parts.total = count("total_tokens")
        // As in chat completions, some providers count reasoning beside the output.
        settle(&parts)
        addHostedTools(to: &parts)
        return parts
    }

    /// What OpenAI's hosted tools used. A response reports it beside its usage, not in it.
    var hostedTools: UsageGroup? { around?.group("tool_usage") }

    /// Searches have a price each. The tokens of images belong to another model, so they are reported as a difference
    /// and not priced.
    private mutating func addHostedTools(to parts: inout UsageParts) {
        let searches = hostedTools?.group("web_search")
        parts.add(.webSearches, count("num_requests", in: searches))
        parts.differenceTokens += count("total_tokens", in: hostedTools?.group("image_gen"))
        addItems(countsSearches: searches == nil, to: &parts)
    }

    /// A whole response lists the calls of its tools. Opening a page that was found, or searching in it, costs only tokens
    /// (`ResponseFunctionWebSearch`, `ResponseFileSearchToolCall`). Interpreted code is charged by its container.
    private mutating func addItems(countsSearches: Bool, to parts: inout UsageParts) {
        // xAI counts the calls of its tools in the usage.
        guard group("server_side_tool_usage_details") == nil, let items = around?.value["output"]?.elements else {
            return
        }
        var (webSearches, fileSearches): (Int64, Int64) = (0, 0)
        var containers: Set<String> = []
        for item in items where item["status"]?.string != "failed" {
            switch item["type"]?.string {
            case "web_search_call":
                let action = item["action"]?["type"]?.string
                if action == nil || action == "search" { webSearches += 1 }
            case "file_search_call": fileSearches += 1
            case "code_interpreter_call": containers.insert(item["container_id"]?.string ?? "")
            default: break
            }
        }
        if countsSearches { countBeside(.webSearches, webSearches, in: &parts) }
        countBeside(.fileSearches, fileSearches, in: &parts)
        countBeside(Meter("code_interpreter_sessions"), Int64(containers.count), in: &parts)
    }
}
