/// The first key of PostgreSQL's advisory locks. Each kind of lock has a number of its own, so that none stands in the
/// way of another. The second key says which one of the kind.
enum AdvisoryLock: Int32 {
    /// One migration of the database at a time.
    case migration = 7211
    /// Taken by `ensure_month` in `migrations/`.
    case makingMonths = 7212
    /// One batch of a replica at a time.
    case batch = 7213
    /// Shared by writers that book into a month; exclusive for the transaction that closes the month.
    case month = 7214
    /// One grant batch of a replica at a time.
    case grantBatch = 7215
    /// One change of a budget id at a time.
    case budget = 7216
    /// One change of credits, or close of a month, at a time. Also taken by a trigger in `migrations/`.
    case credits = 7217
    /// Held by the replica that does the maintenance.
    case maintenance = 7218
    /// Held by a trigger in `migrations/` while it raises ids to the time.
    case raisingIDs = 7219
    /// One request for a token under a key at a time.
    case tokenRequest = 7220
    /// Exclusive for the transaction that extends a hold of a replica; shared by those that let its holds expire.
    case holdExtension = 7221
}
