import Accounting
import Crypto
import Postgres

extension LedgerEntry {
    /// A digest that tells whether two entries under one id have the same content. It covers everything the reporter
    /// said, in the reporter's words, and nothing that Purser makes of it: the price book may know a model, an alias or
    /// a tier better by the time of a retry. The hold is left out, because a retry may make a second hold; but where the
    /// reporter leaves the model to the verdict, the verdict's counts.
    func saidDigest(isOccurredAtGiven: Bool) -> [UInt8] {
        var content = DigestInput()
        add(who, to: &content)
        content.add(requestedModel)
        content.add(stated.model ?? (hold?.model ?? model).model)
        content.add(stated.provider)
        content.add(stated.tier?.rawValue)
        content.add(hold?.tier.rawValue)
        addReport(isOccurredAtGiven: isOccurredAtGiven, to: &content)
        return content.digest
    }

    /// The digest that versions before the one above write and compare: with the model and the tier that the price book
    /// and the reader of usage objects made of what was said.
    func resolvedDigest(isOccurredAtGiven: Bool) -> [UInt8] {
        var content = DigestInput()
        add(who, to: &content)
        content.add(model.provider)
        content.add(model.model)
        content.add(tier.rawValue)
        addReport(isOccurredAtGiven: isOccurredAtGiven, to: &content)
        return content.digest
    }

    private func add(_ who: Attribution, to content: inout DigestInput) {
        content.add(who.callersTeam)
        content.add(who.callersFeature)
        content.add(who.user)
        content.add(who.run)
        for tag in who.tags {
            content.add(tag.key)
            content.add(tag.value)
        }
    }

    private func addReport(isOccurredAtGiven: Bool, to content: inout DigestInput) {
        content.add(status.rawValue)
        content.add(region)
        content.add(providerRequestID)
        content.add(providerCost?.nanodollars)
        content.add(latencyMilliseconds)
        content.add(quality?.millionths)
        content.add(attempt)
        content.add(isOccurredAtGiven ? occurredAt.microseconds : nil)
        if let raw = usage.raw {
            // Digest the provider's object itself, not what was read from it: a later version may read it better by the
            // time of a retry.
            content.add(usage.format.rawValue)
            content.add(raw)
        } else {
            for line in usage.quantities.lines {
                content.add(line.meter.name)
                content.add(line.quantity)
            }
            content.add(nil as String?)
        }
    }
}

/// Fields one after another, each with its length, so that different lists of fields never give the same bytes.
private struct DigestInput {
    private var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(512) }

    var digest: [UInt8] { Array(SHA256.hash(data: bytes).prefix(16)) }

    mutating func add(_ text: String?) {
        add(text.map { Int64($0.utf8.count) })
        if let text { bytes.append(contentsOf: text.utf8) }
    }

    mutating func add(_ value: Int64?) {
        bytes.append(value == nil ? 0 : 1)
        bytes.append(bigEndian: value ?? 0)
    }
}
