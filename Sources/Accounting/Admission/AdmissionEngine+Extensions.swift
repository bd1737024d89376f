/// More time for open holds. PostgreSQL decides on an extension and keeps it; memory follows.
extension AdmissionEngine {
    /// Notes that a hold made here expires no sooner than `microseconds` after `now`.
    package mutating func extend(_ hold: Hold, byMicroseconds microseconds: Int64, at now: Moment) {
        guard hold.id.replicaID == replicaID, let place = holds.place(of: hold) else { return }
        holds.extend(place, byMicroseconds: microseconds, at: now)
    }

    /// Notes the same of a hold that was extended through another replica.
    package mutating func extendedElsewhere(_ number: Int64, byMicroseconds microseconds: Int64, at now: Moment) {
        guard let place = holds.place(ofNumber: number) else { return }
        holds.extend(place, byMicroseconds: microseconds, at: now)
    }
}
