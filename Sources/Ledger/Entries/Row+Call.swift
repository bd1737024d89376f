import Accounting
import Postgres

/// The parts of a call that several tables keep in the same columns.
extension Row {
    /// The columns `team`, `feature`, `run`, `tag_keys`, `tag_values`, and the name of the user.
    func attribution(userColumn: String) throws -> Attribution {
        let (keys, values): ([String], [String]) = (try decode(named: "tag_keys"), try decode(named: "tag_values"))
        return Attribution(
            team: try decode(named: "team"), feature: try decode(named: "feature"),
            user: try decode(named: userColumn), run: try decode(named: "run"),
            tags: zip(keys, values).map { Tag(key: $0, value: $1) })
    }

    /// The columns `meters` and `quantities`, and `pass_tokens` where a call made several passes.
    func quantities() throws -> Quantities {
        let (meters, counts): ([String], [Int64]) = (try decode(named: "meters"), try decode(named: "quantities"))
        let passes = try decode([Int64]?.self, named: "pass_tokens") ?? Array(repeating: 0, count: meters.count)
        return Quantities(
            stored: zip(zip(meters, counts), passes).map {
                Quantities.Line(meter: Meter($0.0), quantity: $0.1, passTokens: $1)
            })
    }
}
