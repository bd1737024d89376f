import Accounting

/// An entry's id, and the owner within which the id is unique.
package struct EntryKey: Hashable, Comparable, Sendable {
    package let owner: String
    package let id: String

    package init(owner: String, id: String) {
        self.owner = owner
        self.id = id
    }

    /// The key of the entry that settles a request.
    package init(of request: RequestName) { self.init(owner: Self.teamPrefix + request.team, id: request.id) }

    /// The request that the entry settles; nil for a key of another kind.
    var request: RequestName? {
        guard owner.hasPrefix(Self.teamPrefix) else { return nil }
        return RequestName(team: String(owner.dropFirst(Self.teamPrefix.count)), id: id)
    }

    /// The source of an event; nil for a key of another kind.
    var source: String? {
        guard owner.hasPrefix(Self.sourcePrefix) else { return nil }
        return owner.dropFirst(Self.sourcePrefix.count).split(separator: " ").first.map(String.init)
    }

    /// The owner of the events of a source, unless another team's has the id.
    static func owner(ofEventsFrom source: String) -> String { sourcePrefix + source }

    static let teamPrefix = "team:"
    private static let sourcePrefix = "source:"

    package static func < (left: EntryKey, right: EntryKey) -> Bool {
        left.owner == right.owner ? left.id < right.id : left.owner < right.owner
    }
}

extension LedgerEntry {
    /// The key under which the entry is recorded, unless another team's event has it. Its id is unique among the
    /// requests of the team or, without a hold, among the team's events of the source. The id of a correction is its
    /// number among the corrections of its entry.
    package var key: EntryKey {
        if let correctsEntryID { return EntryKey(owner: "entry:\(correctsEntryID)", id: String(attempt)) }
        if hold == nil { return EntryKey(owner: EntryKey.owner(ofEventsFrom: source), id: requestID) }
        return EntryKey(of: RequestName(team: who.callersTeam, id: requestID))
    }

    /// The key of an event whose id another team used first in the same source; nil if the entry is no event. Names
    /// have no spaces, so it is no other key. Servers of the version before look for events under `key` alone, so it
    /// stays the first choice.
    package var keyOfTeam: EntryKey? {
        guard correctsEntryID == nil, hold == nil else { return nil }
        return EntryKey(owner: "source:\(source) \(who.callersTeam)", id: requestID)
    }
}
