/// The id of an entry: the replica that wrote it in the high bits, and the replica's own count, from 1, in the low ones.
enum EntryID {
    static let numberBits: Int64 = 40
    static let maximumNumber: Int64 = 1 << numberBits - 1
    static let maximumReplica: Int64 = Int64.max >> numberBits

    static func replica(_ entryID: Int64) -> Int64 { entryID >> numberBits }
    static func number(_ entryID: Int64) -> Int64 { entryID & maximumNumber }
    static func first(of replicaID: Int64) -> Int64 { replicaID << numberBits + 1 }
    static func last(of replicaID: Int64) -> Int64 { replicaID << numberBits | maximumNumber }
}
