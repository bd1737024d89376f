/// The many names of one model at Amazon Bedrock.
extension DerivedName {
    /// Profiles that serve a model from one part of the world. Amazon charges for them what it does for the United States,
    /// where it does not list them.
    private static let geographies = ["us", "eu", "apac", "au", "jp", "ca", "in", "sa", "uk", "me", "af", "mx", "il"]

    /// Nil where the name is the shortest already, or is that of GovCloud, whose prices are others.
    static func ofBedrock(_ name: String, _ provider: String?) -> DerivedName? {
        if name.hasPrefix("arn:aws") { return ofResource(name, provider) }
        if provider == nil { return ofBareName(name) }
        guard provider == "bedrock" else { return nil }
        return ofOwnName(name)
    }

    /// Only Bedrock has such profiles and regions of models with a vendor in their names.
    private static func ofBareName(_ name: String) -> DerivedName? {
        let own = name.utf8.firstIndex(of: UInt8(ascii: "/")).map { isRegion(name[..<$0]) } ?? true
        guard own, let derived = ofOwnName(name), derived.bases.allSatisfy({ $0.utf8.contains(UInt8(ascii: ".")) })
        else {
            return nil
        }
        return DerivedName(derived.bases.map { "bedrock/\($0)" }, derived.rule)
    }

    private static func ofOwnName(_ name: String) -> DerivedName? {
        for way in ["converse/", "invoke/", "converse_like/", "converse_stream/"] where name.hasPrefix(way) {
            return DerivedName([String(name.dropFirst(way.count))], .path)
        }
        if let slash = name.utf8.firstIndex(of: UInt8(ascii: "/")), isRegion(name[..<slash]) {
            return DerivedName([String(name[name.utf8.index(after: slash)...])], .profile)
        }
        if let base = withoutContext(name) { return DerivedName([base], .profile) }
        if name.hasPrefix("global.") { return DerivedName([String(name.dropFirst(7))], .profile) }
        for geography in geographies where name.hasPrefix("\(geography).") {
            let base = String(name.dropFirst(geography.count + 1))
            return DerivedName(geography == "us" ? [base] : ["us.\(base)", base], .profile)
        }
        return nil
    }

    /// `arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.amazon.nova-pro-v1:0` →
    /// `eu-west-1/eu.amazon.nova-pro-v1:0` and `eu.amazon.nova-pro-v1:0`. Profiles and models that a customer made have
    /// names of their own.
    private static func ofResource(_ name: String, _ provider: String?) -> DerivedName? {
        let parts = name.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[2] == "bedrock",
            let kind = ["inference-profile/", "foundation-model/"].first(where: { parts[5].hasPrefix($0) })
        else { return nil }
        let model = parts[5].dropFirst(kind.count)
        let seller = provider == nil ? "bedrock/" : ""
        let ofRegion = "\(seller)\(parts[3])/\(model)"
        // In GovCloud and China prices are others than elsewhere.
        return DerivedName(parts[1] == "aws" ? [ofRegion, "\(seller)\(model)"] : [ofRegion], .path)
    }

    /// `eu-central-1`, `us-gov-west-1`
    private static func isRegion(_ text: Substring) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return (3...4).contains(parts.count) && parts[0].utf8.count == 2 && Int(parts.last!) != nil
            && !parts.contains("gov")
    }

    /// `anthropic.claude-3-sonnet-20240229-v1:0:200k` → `anthropic.claude-3-sonnet-20240229-v1:0`: a version for prompts of
    /// up to so many tokens costs what its model does.
    private static func withoutContext(_ name: String) -> String? {
        guard let colon = name.utf8.lastIndex(of: UInt8(ascii: ":")) else { return nil }
        let end = name[name.utf8.index(after: colon)...]
        guard end.hasSuffix("k"), Int(end.dropLast()) != nil else { return nil }
        return String(name[..<colon])
    }

    /// Names that leave out which version of the model it is: `anthropic.claude-3-5-sonnet-20241022-v2` and
    /// `anthropic.claude-3-5-sonnet-20241022` for `anthropic.claude-3-5-sonnet-20241022-v2:0`.
    static func withoutVersion(_ name: ModelName) -> [ModelName] {
        guard name.provider == "bedrock", let mark = name.model.utf8.lastIndex(of: UInt8(ascii: "-")) else { return [] }
        let version = name.model[name.model.utf8.index(after: mark)...]
        let numbers = version.dropFirst().split(separator: ":", omittingEmptySubsequences: false)
        guard version.first == "v", (1...2).contains(numbers.count), numbers.allSatisfy({ Int($0) != nil }) else {
            return []
        }
        let short =
            [String(name.model[..<mark])] + (numbers.count == 2 ? ["\(name.model[..<mark])-v\(numbers[0])"] : [])
        return short.map { ModelName(provider: name.provider, model: $0) }
    }
}
