/// Requests that have their entry. Who asks for one again is told so, instead of being admitted to a call that no entry
/// could record.
extension AdmissionEngine {
    /// How many requests a replica that starts need remember at the most.
    package static let rememberedRequests = SettledRequests.capacity / 4

    /// Remembers that a request has its entry.
    package mutating func remember(settled request: RequestName) { settledRequests.insert(request.quickHash) }

    /// Whether the ledger must be asked for an entry of the call before the call is judged.
    func mayBeSettled(requestHash: UInt64) -> Bool { settledRequests.mayContain(requestHash) }

    static func settled(_ call: Call) -> Reason {
        Reason(
            code: .requestSettled,
            message: "\(call.requestID) has its entry already; a new call takes another request_id.")
    }
}
