extension AlertMessage {
    package static let testType = "alert.test"

    /// The message that `purser alert test` sends. A person checks whether it arrives.
    /// - Parameters:
    ///   - id: must be new for every test.
    ///   - team: nil for an alert that gets those of every budget.
    package static func test(id: String, alertName: String, team: String?, nowSeconds: Int64) -> AlertMessage {
        let data = AlertJSON.object([
            ("alert", .text(alertName)),
            ("team", team.map { .text($0) } ?? .null),
            ("message", .text("This is a test of the alert \(alertName). Nothing has happened to any budget.")),
        ])
        let body = AlertJSON.envelope(type: testType, seconds: nowSeconds, data: data).bytes
        return AlertMessage(id: id, type: testType, occurredAtSeconds: nowSeconds, body: body)
    }
}
