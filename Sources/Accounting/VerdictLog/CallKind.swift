/// What many calls of a page share: all that says who calls which model, besides user and run, and what served it.
struct CallKind: Hashable, Sendable {
    let team: String
    let feature: String?
    /// Sorted by key.
    let tags: [Tag]
    let model: String
    let provider: String?
    let tier: ServiceTier
    let region: String?
    let models: [String]?
    /// Nil on a deny.
    let served: ModelName?
}

/// Numbers the kinds of calls of a page. A known kind is found by a quick hash and confirmed by comparing all fields, so
/// noting a call of a known kind copies nothing.
struct CallKindNumbers: Sendable {
    private var kinds: [CallKind] = []
    private var places = PlaceTable()

    /// The number of the kind of `call`, and whether it is a new one.
    mutating func number(of call: Call, served: ModelName?) -> (number: Int, isNew: Bool) {
        var hash = Self.hash(of: call, served: served)
        while let place = places[hash] {
            if kinds[place].isKind(of: call, served: served) { return (place, false) }
            hash &+= 1
        }
        places[hash] = kinds.count
        kinds.append(CallKind(of: call, served: served))
        return (kinds.count - 1, true)
    }

    private static func hash(of call: Call, served: ModelName?) -> UInt64 {
        var hash = QuickHash(call.who.team)
        hash.combine(call.who.feature)
        hash.combine(call.model)
        hash.combine(served?.model)
        for tag in call.who.tags {
            hash.combine(tag.key)
            hash.combine(tag.value)
        }
        return hash.value
    }
}

extension CallKind {
    init(of call: Call, served: ModelName?) {
        self.init(
            team: call.who.team, feature: call.who.feature, tags: call.who.tags, model: call.model,
            provider: call.provider, tier: call.tier, region: call.region, models: call.models, served: served)
    }

    fileprivate func isKind(of call: Call, served: ModelName?) -> Bool {
        team == call.who.team && feature == call.who.feature && model == call.model && self.served == served
            && provider == call.provider && tier == call.tier && region == call.region && tags == call.who.tags
            && models == call.models
    }

    /// An upper bound for the bytes that `write` needs.
    var maximumBytes: Int {
        var texts = team.utf8.count + (feature?.utf8.count ?? 0) + model.utf8.count + (provider?.utf8.count ?? 0)
        texts += tier.rawValue.utf8.count + (region?.utf8.count ?? 0)
        texts += (served?.provider.utf8.count ?? 0) + (served?.model.utf8.count ?? 0)
        for tag in tags { texts += tag.key.utf8.count + tag.value.utf8.count }
        for model in models ?? [] { texts += model.utf8.count }
        return texts + (10 + 2 * tags.count + (models?.count ?? 0)) * ByteWriter.maximumIntegerBytes
    }

    func write(to writer: inout ByteWriter) {
        writer.text(team)
        writer.text(feature ?? "")
        writer.text(model)
        writer.text(provider ?? "")
        writer.text(tier.rawValue)
        writer.text(region ?? "")
        writer.text(served?.provider ?? "")
        writer.text(served?.model ?? "")
        writer.integer(Int64(tags.count))
        for tag in tags {
            writer.text(tag.key)
            writer.text(tag.value)
        }
        writer.integer(Int64(models?.count ?? -1))
        for model in models ?? [] { writer.text(model) }
    }

    init(from reader: inout ByteReader) {
        team = reader.text()
        feature = reader.name()
        model = reader.text()
        provider = reader.name()
        tier = ServiceTier(rawValue: reader.text()) ?? .standard
        region = reader.name()
        let (servedProvider, servedModel) = (reader.text(), reader.text())
        served = servedModel.isEmpty ? nil : ModelName(provider: servedProvider, model: servedModel)
        tags = (0..<reader.count()).map { _ in Tag(key: reader.text(), value: reader.text()) }
        let models = reader.integer()
        self.models = models < 0 ? nil : (0..<min(models, 1 << 16)).map { _ in reader.text() }
    }
}
