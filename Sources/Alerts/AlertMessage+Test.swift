extension AlertMessage {
    package static let testType = "alert.test"

    /// The message that `purser alert test` sends. A person checks whether it arrives.
    /// - Parameter id: must be new for every test.
    package static func test(id: String, alertName: String, team: String, nowSeconds: Int64) -> AlertMessage {
        let data = AlertJSON.object([
            ("alert", .text(alertName)),
            ("team", .text(team)),
            ("message", .text("This is a test of the alert \(alertName). No budget has been crossed.")),
        ])
        let body = AlertJSON.envelope(type: testType, seconds: nowSeconds, data: data).bytes
        return AlertMessage(id: id, type: testType, occurredAtSeconds: nowSeconds, body: body)
    }
}
