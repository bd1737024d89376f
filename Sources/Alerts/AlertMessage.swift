/// One message to be delivered, the same at every attempt: a receiver that sees an id twice has it already.
package struct AlertMessage: Sendable, Equatable {
    /// Stable for what it tells of, so that two replicas that notice the same thing send one message.
    package let id: String
    /// Dotted and lower case, such as `budget.threshold_crossed`.
    package let type: String
    /// Unix time.
    package let occurredAtSeconds: Int64
    /// JSON: `type`, `timestamp` and `data`.
    package let body: [UInt8]

    /// For a message read back from where it was kept.
    package init(id: String, type: String, occurredAtSeconds: Int64, body: [UInt8]) {
        self.id = id
        self.type = type
        self.occurredAtSeconds = occurredAtSeconds
        self.body = body
    }
}
