import Accounting
import Crypto

extension LedgerEntry {
    /// A digest that tells whether two entries under one id have the same content. It covers everything the reporter
    /// said and nothing that Purser adds. The hold is left out, because a retry may make a second hold.
    package func digest(isOccurredAtGiven: Bool) -> [UInt8] {
        var content = DigestInput()
        content.add(who.team)
        content.add(who.feature)
        content.add(who.user)
        content.add(who.run)
        for tag in who.tags {
            content.add(tag.key)
            content.add(tag.value)
        }
        content.add(model.provider)
        content.add(model.model)
        content.add(tier.rawValue)
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
        return Array(SHA256.hash(data: content.bytes).prefix(16))
    }
}

/// Fields one after another, each with its length, so that different lists of fields never give the same bytes.
private struct DigestInput {
    private(set) var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(512) }

    mutating func add(_ text: String?) {
        add(text.map { Int64($0.utf8.count) })
        if let text { bytes.append(contentsOf: text.utf8) }
    }

    mutating func add(_ value: Int64?) {
        bytes.append(value == nil ? 0 : 1)
        withUnsafeBytes(of: (value ?? 0).bigEndian) { bytes.append(contentsOf: $0) }
    }
}
