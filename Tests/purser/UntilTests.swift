import Accounting
import Testing

@testable import purser

@Suite struct UntilTests {
    @Test(
        "an end is that of a day in the budget's zone, some time from now, or a moment",
        arguments: [
            ("friday", "2026-12-04T23:00:00Z"), ("Monday", "2026-11-30T23:00:00Z"), ("sunday", "2026-11-29T23:00:00Z"),
            ("saturday", "2026-11-28T23:00:00Z"), ("3d", "2026-12-01T10:00:00Z"), ("12h", "2026-11-28T22:00:00Z"),
            ("2w", "2026-12-12T10:00:00Z"), ("2026-12-01", "2026-12-01T23:00:00Z"),
            ("2026-12-01T12:00:00+01:00", "2026-12-01T11:00:00Z"),
        ])
    func moments(text: String, moment: String) throws {
        // A Saturday.
        let now = try #require(Timestamp(rfc3339: "2026-11-28T10:00:00Z"))
        let zone = try #require(Zone(name: "Europe/Berlin"))
        #expect(try Until.argument(text).moment(in: zone, at: now).description == moment)
    }

    @Test("what is no end is refused", arguments: ["", "fri day", "0d", "-3d", "3", "2026-13-01", "99999d"])
    func mistakes(text: String) {
        #expect(throws: (any Error).self) { try Until.argument(text) }
    }
}
