extension Column {
    /// The columns of a credit.
    static let credit: [Column] = [
        .text("id"), .text("provider").spared(3), .text("model").spared(3), .text("team"),
        .amount("amount_usd", title: "AMOUNT"),
        .amount("drawn_usd", title: "DRAWN").spared(4), .amount("remaining_usd", title: "LEFT"),
        .text("valid_from", title: "FROM").spared(2), .text("valid_until", title: "UNTIL"),
        .time("withdrawn_at", title: "WITHDRAWN").spared(1), .text("note", isWide: true),
        .time("added_at", isWide: true),
        .text("added_by", isWide: true),
    ]
}
