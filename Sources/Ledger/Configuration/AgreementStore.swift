import Accounting
import Postgres

/// Agreements on prices other than the list prices. The terms of an agreement never change; only its end may.
package enum AgreementStore {
    /// An agreement with its note, and who added it when.
    package struct Listed: Sendable {
        package let agreement: Agreement
        package let note: String
        package let addedBy: String
        package let addedAt: Timestamp
    }

    /// The result of a change.
    package struct Stored: Sendable {
        package let listed: Listed
        package let isNew: Bool
        /// The configuration version that every replica must have before the change is answered.
        package let configurationVersion: Int64
    }

    static func all(_ transaction: borrowing Transaction) throws -> [Agreement] {
        try listed("true", transaction).map(\.agreement)
    }

    /// The agreements that apply to a team's calls; all agreements if `team` is nil.
    package static func list(team: String?, _ connection: Connection) throws -> [Listed] {
        try connection.transaction(isolation: .repeatableRead, readOnly: true) { transaction in
            try listed("\(team)::text IS NULL OR team IS NULL OR team = \(team)", transaction)
        }
    }

    /// Creates an agreement, or changes the end of the existing agreement of this name.
    package static func put(
        _ draft: AgreementDraft, changedBy: String, _ connection: Connection
    ) throws -> Stored {
        try connection.transaction { transaction in
            if let team = draft.team { try TeamStore.require(team, transaction) }
            // If two requests create the same agreement at once, the second finds the row of the first.
            let isNew =
                try transaction.execute(
                    """
                    INSERT INTO agreement (name, team, provider, model, share_millionths, valid_from, valid_until, note, added_by)
                    VALUES (\(draft.name), \(draft.team), \(draft.provider), \(draft.model), \(draft.shareMillionths),
                        \(draft.validFrom), \(draft.validUntil), \(draft.note), \(changedBy))
                    ON CONFLICT (name) DO NOTHING
                    """) > 0
            if isNew {
                try addRates(of: draft, transaction)
            } else {
                try requireSame(try find(draft.name, transaction), draft)
                try transaction.execute(
                    "UPDATE agreement SET valid_until = \(draft.validUntil) WHERE name = \(draft.name)")
            }
            return Stored(
                listed: try find(draft.name, transaction), isNew: isNew,
                configurationVersion: try ConfigurationStore.bump(transaction))
        }
    }

    /// Ends an agreement now. An agreement that has not begun will never apply. Returns the new configuration version.
    package static func end(_ name: String, _ connection: Connection) throws -> Int64 {
        try connection.transaction { transaction in
            _ = try find(name, transaction)
            try transaction.execute(
                """
                UPDATE agreement SET valid_until = greatest(valid_from, now())
                WHERE name = \(name) AND (valid_until IS NULL OR valid_until > greatest(valid_from, now()))
                """)
            return try ConfigurationStore.bump(transaction)
        }
    }

    private static func addRates(of draft: AgreementDraft, _ transaction: borrowing Transaction) throws {
        guard case .rates(let rates) = draft.terms else { return }
        try transaction.execute(
            """
            INSERT INTO agreement_rate (agreement_id, meter, service_tier, above_context_tokens, femtodollars_per_unit,
                least_quantity)
            SELECT agreement_id, r.* FROM agreement, unnest(\(rates.map(\.meter)), \(rates.map(\.tier.rawValue)),
                \(rates.map(\.aboveContextTokens)), \(rates.map(\.femtodollarsPerUnit)),
                \(rates.map(\.leastQuantity))) AS r
            WHERE name = \(draft.name)
            """)
    }

    private static func requireSame(_ listed: Listed, _ draft: AgreementDraft) throws(StoreFailure) {
        let known = listed.agreement
        let fixed: [(pointer: String, isSame: Bool)] = [
            ("/team", known.team == draft.team), ("/provider", known.provider == draft.provider),
            ("/model", known.model == draft.model), (draft.terms.pointer, known.terms.draft == draft.terms),
            ("/valid_from", known.validFrom == draft.validFrom), ("/note", listed.note == draft.note),
        ]
        if let end = known.validUntil, end <= SystemClock.wallTime(), draft.validUntil.map({ $0 > end }) ?? true {
            throw .invalid(
                pointer: "/valid_until", detail: "has passed: one that has ended is not taken up again; make another")
        }
        if let first = fixed.first(where: { !$0.isSame }) {
            throw .invalid(
                pointer: first.pointer,
                detail: "cannot change: only the end of an agreement may; end it, and make another for what follows")
        }
    }

    private static func find(_ name: String, _ transaction: borrowing Transaction) throws -> Listed {
        guard let found = try listed("name = \(name)", transaction).first else {
            throw StoreFailure.notFound("There is no agreement \(name).")
        }
        return found
    }
}

extension AgreementDraft {
    fileprivate var shareMillionths: Int64? {
        if case .share(let share) = terms { share.millionths } else { nil }
    }
}

extension AgreementDraft.Terms {
    fileprivate var pointer: String {
        switch self {
        case .share(let share): share > .whole ? "/markup" : "/discount"
        case .rates: "/rates"
        }
    }
}

extension Agreement.Terms {
    fileprivate var draft: AgreementDraft.Terms {
        switch self {
        case .share(let share): .share(share)
        case .rates(let prices):
            .rates(
                prices.map {
                    AgreedRate(
                        meter: $0.meter.name, tier: $0.tier, aboveContextTokens: $0.aboveContextTokens,
                        femtodollarsPerUnit: $0.femtodollarsPerUnit, leastQuantity: $0.leastQuantity)
                })
        }
    }
}
