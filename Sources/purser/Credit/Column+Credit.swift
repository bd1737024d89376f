extension Column {
    /// The columns of a credit.
    static let credit: [Column] = [
        .text("id"), .text("provider"), .text("model"), .text("team"), .amount("amount_usd", title: "AMOUNT"),
        .amount("drawn_usd", title: "DRAWN"), .amount("remaining_usd", title: "LEFT"),
        .text("valid_from", title: "FROM"), .text("valid_until", title: "UNTIL"),
        .time("withdrawn_at", title: "WITHDRAWN"), .text("note", isWide: true), .time("added_at", isWide: true),
        .text("added_by", isWide: true),
    ]
}
