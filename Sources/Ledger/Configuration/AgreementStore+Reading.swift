import Accounting
import Postgres

extension AgreementStore {
    static func listed(_ condition: SQL, _ transaction: borrowing Transaction) throws -> [Listed] {
        var rates: [Int64: [AgreedRow]] = [:]
        for row in try transaction.query(
            """
            SELECT agreement_id, price_id, meter, service_tier, above_context_tokens, femtodollars_per_unit,
                least_quantity
            FROM agreement_rate ORDER BY agreement_id, price_id
            """)
        {
            let (agreement, id, meter, tier, above, femtodollars, least) = try row.decode(
                (Int64, Int64, String, String, Int64, Int64, Int64?).self)
            // Skip a rate whose tier only a later version knows: it must not count for another tier.
            guard let tier = ServiceTier(rawValue: tier) else { continue }
            let rate = AgreedRate(
                meter: meter, tier: tier, aboveContextTokens: above,
                femtodollarsPerUnit: femtodollars, leastQuantity: least)
            rates[agreement, default: []].append((id, rate))
        }
        return try transaction.query(
            """
            SELECT agreement_id, name, team, provider, model, share_millionths, valid_from, valid_until, note, added_by,
                added_at
            FROM agreement WHERE
            """ + " (" + condition + ") ORDER BY name"
        ).map { try listed($0, rates) }
    }

    private typealias AgreedRow = (id: Int64, rate: AgreedRate)

    private static func listed(_ row: Row, _ rates: [Int64: [AgreedRow]]) throws -> Listed {
        let (id, name, team, provider, model, share, from, until, note, addedBy, addedAt) = try row.decode(
            (
                Int64, String, String?, String?, String?, Int64?, Timestamp, Timestamp?, String, String, Timestamp
            ).self)
        let terms: Agreement.Terms =
            if let share {
                .share(Fraction(millionths: share))
            } else {
                .rates(
                    (rates[id] ?? []).map {
                        $0.rate.price($0.id, of: ModelName(provider: provider ?? "", model: model ?? ""), from: from)
                    })
            }
        return Listed(
            agreement: Agreement(
                id: id, name: name, team: team, provider: provider, model: model, terms: terms, validFrom: from,
                validUntil: until),
            note: note, addedBy: addedBy, addedAt: addedAt)
    }
}

extension AgreedRate {
    /// The price has no end of its own, because the agreement says how long it applies.
    fileprivate func price(_ id: Int64, of model: ModelName, from: Timestamp) -> Price {
        Price(
            id: id, model: model, meter: Meter(meter), tier: tier, aboveContextTokens: aboveContextTokens,
            femtodollarsPerUnit: femtodollarsPerUnit, leastQuantity: leastQuantity, validFrom: from, validUntil: nil)
    }
}
