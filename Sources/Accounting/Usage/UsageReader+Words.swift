import JSON

/// Reads an object by a table of words.
extension UsageReader {
    private struct Counts {
        var input: Int64 = 0
        var moreInput: Int64 = 0
        var output: Int64 = 0
        var moreOutput: Int64 = 0
        var reads: Int64 = 0
        var writes: Int64 = 0
        var writes5m: Int64 = 0
        var writes1h: Int64 = 0
        var cachedAudio: Int64 = 0
    }

    mutating func words(_ table: UsageWords) -> UsageParts {
        var (parts, counts) = (UsageParts(), Counts())
        for word in table.words { take(word.meaning, at: word.path[...], in: whole, &counts, &parts) }
        let written = max(counts.writes, counts.writes5m + counts.writes1h)
        var input = counts.input + counts.moreInput
        if !table.isCacheInside { input += counts.reads }
        if !table.isCacheInside || !table.areWritesInside { input += written }
        var output = counts.output + counts.moreOutput
        if !table.isReasoningInside { output += parts[.reasoning] }
        if !table.areMediaInside {
            input += parts[.audioInput] + parts[.imageInput] + parts[.videoInput]
            output += parts[.audioOutput] + parts[.imageOutput] + parts[.videoOutput]
        }
        parts.set(.input, input)
        parts.set(.output, output)
        parts.set(.cacheReadAudio, counts.cachedAudio)
        parts.set(.cacheRead, parts.rest(of: counts.reads, without: counts.cachedAudio))
        parts.set(.audioInput, parts.rest(of: parts[.audioInput], without: counts.cachedAudio))
        parts.addWrites(
            total: counts.writes, minutes: counts.writes5m, hour: counts.writes1h,
            isSplit: counts.writes5m + counts.writes1h > 0)
        settle(&parts, beside: counts.reads + written)
        return parts
    }

    /// Takes the count at a path. A list on the path holds one object for each of several requests.
    private mutating func take(
        _ meaning: UsageWords.Meaning, at path: ArraySlice<StaticString>, in group: UsageGroup, _ counts: inout Counts,
        _ parts: inout UsageParts
    ) {
        guard let name = path.first, let found = group.value[name] else { return }
        guard path.count == 1 else {
            if found.kind == .array {
                for (index, element) in found.elements.enumerated() where element.kind == .object {
                    let inner = UsageGroup(
                        value: element, prefix: "\(group.path(to: name))/\(index)", name: "", isElement: true)
                    take(meaning, at: path.dropFirst(), in: inner, &counts, &parts)
                }
            } else if let inner = group.group(name) {
                take(meaning, at: path.dropFirst(), in: inner, &counts, &parts)
            }
            return
        }
        guard found.kind == .number || found.kind == .string || found.isNull else { return }
        switch meaning {
        case .input: set(&counts.input, name, .input, in: group)
        case .output: set(&counts.output, name, .output, in: group)
        case .moreInput: counts.moreInput = UsageParts.sum(counts.moreInput, count(name, in: group))
        case .moreOutput: counts.moreOutput = UsageParts.sum(counts.moreOutput, count(name, in: group))
        case .reads: set(&counts.reads, name, in: group)
        case .writes: set(&counts.writes, name, in: group)
        case .writes5m: set(&counts.writes5m, name, in: group)
        case .writes1h: set(&counts.writes1h, name, in: group)
        case .cachedAudio: set(&counts.cachedAudio, name, in: group)
        case .reasoning: set(.reasoning, name, in: group, &parts)
        case .audioInput: set(.audioInput, name, in: group, &parts)
        case .imageInput: set(.imageInput, name, in: group, &parts)
        case .videoInput: set(.videoInput, name, in: group, &parts)
        case .audioOutput: set(.audioOutput, name, in: group, &parts)
        case .imageOutput: set(.imageOutput, name, in: group, &parts)
        case .videoOutput: set(.videoOutput, name, in: group, &parts)
        case .beside(let meter): set(meter, name, in: group, &parts)
        case .total: set(&parts.total, name, in: group)
        case .silent: use(found)
        }
    }

    /// One number under two names is one number. Lists add up. A second name that says something else stays unread.
    private mutating func set(
        _ count: inout Int64, _ name: StaticString, _ side: Meter? = nil, in group: UsageGroup
    ) {
        if count == 0 {
            count = side.map { whole(name, $0, in: group) } ?? self.count(name, in: group)
        } else if group.isElement {
            count = UsageParts.sum(count, self.count(name, in: group))
        } else {
            same(count, name, in: group)
        }
    }

    private mutating func set(_ meter: Meter, _ name: StaticString, in group: UsageGroup, _ parts: inout UsageParts) {
        var count = parts[meter]
        set(&count, name, in: group)
        parts.set(meter, count)
    }
}
