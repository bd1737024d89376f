/// The compact binary form of a hold inside its encrypted token. The first byte says which form it is. What later versions
/// have added stands at the end, where earlier ones do not look.
enum HoldCoder {
    private static let form: UInt8 = 1
    /// The form with a region. A hold without a region keeps the older form, which earlier server versions can read.
    private static let formWithRegion: UInt8 = 2
    /// Added to the form of a hold whose feature was moved: the place that was named comes at the end.
    private static let namedPlace: UInt8 = 2
    private static let maximumIntegerBytes = 10
    private static let maximumTierBytes = 16

    /// An upper bound for the bytes that `encode` writes.
    static func maximumBytes(of hold: Hold) -> Int {
        var texts = hold.requestID.utf8.count + hold.who.team.utf8.count + hold.requestedModel.utf8.count
        texts += hold.model.provider.utf8.count + hold.model.model.utf8.count + maximumTierBytes
        texts += (hold.who.feature?.utf8.count ?? 0) + (hold.who.user?.utf8.count ?? 0)
        texts += (hold.who.run?.utf8.count ?? 0) + (hold.region?.utf8.count ?? 0)
        for tag in hold.who.tags { texts += tag.key.utf8.count + tag.value.utf8.count }
        if let named = hold.who.named?.place { texts += named.team.utf8.count + named.feature.utf8.count }
        let integers = 23 + 2 * hold.who.tags.count + 3 * hold.charges.count
        return 1 + texts + integers * maximumIntegerBytes + hold.charges.count
    }

    static func encode(_ hold: Hold, to writer: inout ByteWriter) {
        writer.byte((hold.region == nil ? form : formWithRegion) + (hold.who.named == nil ? 0 : namedPlace))
        writer.integer(hold.id.replicaID)
        writer.integer(hold.id.number)
        writer.text(hold.requestID)
        writer.text(hold.who.team)
        writer.text(hold.who.feature ?? "")
        writer.text(hold.who.user ?? "")
        writer.text(hold.who.run ?? "")
        writer.integer(Int64(hold.who.tags.count))
        for tag in hold.who.tags {
            writer.text(tag.key)
            writer.text(tag.value)
        }
        writer.text(hold.requestedModel)
        writer.text(hold.model.provider)
        writer.text(hold.model.model)
        writer.text(hold.tier.rawValue)
        if let region = hold.region { writer.text(region) }
        writer.integer(hold.estimate?.nanodollars ?? -1)
        writer.integer(hold.authorizedAt.microseconds)
        writer.integer(hold.expiresAt.microseconds)
        writer.integer(Int64(hold.charges.count))
        for charge in hold.charges {
            writer.integer(charge.windowID)
            writer.integer(charge.budgetNumber)
            writer.integer(charge.amount)
            writer.byte(charge.isLeased ? 1 : 0)
        }
        if let named = hold.who.named?.place {
            writer.text(named.team)
            writer.text(named.feature)
        }
        guard let declared = hold.declared else { return }
        writer.integer(declared.inputTokens)
        writer.integer(declared.cachedInputTokens)
        writer.integer(declared.outputTokens)
        writer.integer(declared.inputCost.nanodollars)
    }

    /// Nil only for a form that this version does not know. The authenticated encryption vouches for the rest.
    static func decode(_ bytes: UnsafeRawBufferPointer) -> Hold? {
        var reader = ByteReader(bytes)
        let stated = reader.byte()
        let isNamed = stated > formWithRegion
        let form = isNamed ? stated - namedPlace : stated
        guard form == Self.form || form == formWithRegion else { return nil }
        let id = HoldID(replicaID: reader.integer(), number: reader.integer())
        let requestID = reader.text()
        let team = reader.text()
        let (feature, user, run) = (reader.name(), reader.name(), reader.name())
        let tags = (0..<max(0, reader.integer())).map { _ in Tag(key: reader.text(), value: reader.text()) }
        let requestedModel = reader.text()
        let model = ModelName(provider: reader.text(), model: reader.text())
        guard let tier = ServiceTier(rawValue: reader.text()) else { return nil }
        let region = form == formWithRegion ? reader.text() : nil
        let estimate = reader.integer()
        let authorizedAt = Timestamp(microseconds: reader.integer())
        let expiresAt = Timestamp(microseconds: reader.integer())
        let charges = (0..<max(0, reader.integer())).map { _ in
            Hold.Charge(
                windowID: reader.integer(), budgetNumber: reader.integer(), amount: reader.integer(),
                isLeased: reader.byte() == 1)
        }
        let named = isNamed ? NamedPlace(FeaturePlace(team: reader.text(), feature: reader.text())) : nil
        let who = Attribution(team: team, feature: feature, user: user, run: run, tags: tags, named: named)
        let declared = reader.isAtEnd ? nil : declared(&reader)
        guard !reader.isExhausted else { return nil }
        return Hold(
            id: id, requestID: requestID, who: who, requestedModel: requestedModel, model: model, tier: tier,
            region: region, estimate: estimate < 0 ? nil : Money(nanodollars: estimate), declared: declared,
            authorizedAt: authorizedAt, expiresAt: expiresAt, charges: charges)
    }

    private static func declared(_ reader: inout ByteReader) -> Hold.Declared {
        Hold.Declared(
            inputTokens: reader.integer(), cachedInputTokens: reader.integer(), outputTokens: reader.integer(),
            inputCost: Money(nanodollars: reader.integer()))
    }
}
