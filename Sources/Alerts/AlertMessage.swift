/// One message to deliver. It is the same at every attempt, so a receiver that sees an id twice already has the
/// message.
package struct AlertMessage: Sendable, Equatable {
    /// Depends only on the reported event, so that two replicas that notice the same event send one message.
    package let id: String
    /// Dotted and lower case, such as `budget.threshold_crossed`.
    package let type: String
    /// Unix time.
    package let occurredAtSeconds: Int64
    /// JSON: `type`, `timestamp` and `data`.
    package let body: [UInt8]

    /// For a message that is read back from storage.
    package init(id: String, type: String, occurredAtSeconds: Int64, body: [UInt8]) {
        self.id = id
        self.type = type
        self.occurredAtSeconds = occurredAtSeconds
        self.body = body
    }
}
