import Postgres

/// What the meters of a provider mean whose names do not say it, such as Azure's.
package enum ProviderMeterStore {
    package static func all(of provider: String, _ connection: Connection) throws -> [String: ProviderMeter] {
        let rows = try connection.query(
            "SELECT meter_id, model, part FROM provider_meter WHERE provider = \(provider) ORDER BY meter_id")
        var meters: [String: ProviderMeter] = [:]
        for row in rows {
            let (id, model, part) = try row.decode((String, String, String).self)
            meters[id] = ProviderMeter(model: model, part: UsagePart(rawValue: part) ?? .other)
        }
        return meters
    }

    package static func set(
        _ id: String, of provider: String, to meter: ProviderMeter, by author: String, _ connection: Connection
    ) throws {
        try connection.execute(
            """
            INSERT INTO provider_meter (provider, meter_id, model, part, set_by)
            VALUES (\(provider), \(id.lowercased()), \(meter.model), \(meter.part.rawValue), \(author))
            ON CONFLICT (provider, meter_id) DO UPDATE SET model = excluded.model, part = excluded.part,
                set_at = clock_timestamp(), set_by = excluded.set_by
            """)
    }
}
