/// The outcome of one delivery attempt. A reason is one sentence that holds no secret and may be stored and shown.
package enum DeliveryOutcome: Sendable, Equatable {
    /// The receiver answered 2xx.
    case delivered(status: Int)
    /// The delivery must be tried again. `retryAfterSeconds` is the delay that the receiver asked for, at most a day.
    case failed(reason: String, retryAfterSeconds: Int?)
    /// The receiver answered 410 Gone: it wants no more messages, ever.
    case rejectedForGood(reason: String)
    /// The attempt was cut short because its task was cancelled. That says nothing about the receiver, who may even
    /// have the message.
    case cutShort
}
