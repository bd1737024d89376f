import JSON

/// Sources: `TokenUsage` and `CacheDetail` of the Bedrock runtime model in botocore 1.44; docs.aws.amazon.com (Amazon
/// Nova with InvokeModel, invocation metrics).
extension UsageReader {
    /// `inputTokens` excludes cache reads and writes. InvokeModel spells some names differently, and sometimes sends
    /// both spellings.
    mutating func bedrock() -> UsageParts {
        var parts = UsageParts()
        let fresh = whole("inputTokens", or: "inputTokenCount", .input)
        let read = count("cacheReadInputTokens", or: "cacheReadInputTokenCount", in: whole)
        let writes = count("cacheWriteInputTokens", or: "cacheWriteInputTokenCount", in: whole)
        let (minutes, hour) = cacheDetails()
        parts.set(.input, fresh + read + max(writes, minutes + hour))
        parts.set(.cacheRead, read)
        parts.addWrites(total: writes, minutes: minutes, hour: hour, isSplit: minutes + hour > 0)
        parts.set(.output, whole("outputTokens", or: "outputTokenCount", .output))
        parts.total = count("totalTokens", or: "totalTokenCount", in: whole)
        // Documented as "The total of input tokens and tokens generated". The totals of some models exclude the cache,
        // those of others include it.
        if parts.total != fresh + parts.output { parts.differenceTokens = parts.excess }
        return parts
    }

    /// Cache writes by how long they last.
    private mutating func cacheDetails() -> (minutes: Int64, hour: Int64) {
        var (minutes, hour): (Int64, Int64) = (0, 0)
        guard let details = value["cacheDetails"]?.elements else { return (0, 0) }
        for (index, element) in details.enumerated() {
            guard let found = element["inputTokens"] else { continue }
            let count = check(found, at: "cacheDetails/\(index)/inputTokens")
            if element["ttl"]?.string == "1h" {
                hour = UsageParts.sum(hour, count)
            } else {
                minutes = UsageParts.sum(minutes, count)
            }
        }
        return (minutes, hour)
    }
}
