import SeededRandom
import Testing

@testable import Accounting

@Suite("A moment in RFC 3339") struct TimestampTests {
    @Test(
        "is read with any offset and fraction",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1970-01-01t00:00:00z", 0), ("1970-01-01 00:00:00Z", 0),
            ("1969-12-31T23:59:59.999999Z", -1), ("1970-01-01T01:00:00+01:00", 0), ("1969-12-31T18:30:00-05:30", 0),
            ("1970-01-01T00:00:00-00:00", 0), ("1970-01-01T00:00:00.1Z", 100_000), ("1970-01-01T00:00:00.000001Z", 1),
            ("1970-01-01T00:00:00.0000019Z", 1), ("1970-01-01T00:00:00.123456789+00:00", 123_456),
            ("2026-11-21T10:10:00Z", 1_795_255_800_000_000), ("2024-02-29T23:59:59Z", 1_709_251_199_000_000),
            ("1970-01-02T00:00:00+23:59", 60_000_000), ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
            ("0001-01-01T00:00:00Z", -62_135_596_800_000_000),
        ] as [(String, Int64)])
    func reading(text: String, microseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.microseconds == microseconds)
    }

    @Test(
        "is refused where it names no moment",
        arguments: [
            "", "2026-11-21", "2026-11-21T10:10:00", "2026-11-21T10:10Z", "2026-11-21T24:00:00Z",
            "2026-11-21T10:60:00Z",
            "2026-11-21T10:10:61Z", "2026-02-29T00:00:00Z", "2026-00-10T00:00:00Z", "2026-11-21T10:10:00.Z",
            "2026-11-21T10:10:00.1234567890Z", "2026-11-21T10:10:00+1:00", "2026-11-21T10:10:00+01",
            "2026-11-21T10:10:00+0100",
            "2026-11-21T10:10:00+24:00", "2026-11-21T10:10:00+00:60", "2026-11-21T10:10:00 Z", "2026-11-21X10:10:00Z",
            "2026-11-21T10:10:00ZZ", "+026-11-21T10:10:00Z", "2026-11-21T-1:10:00Z", "2026-11-21T10:10:00,5Z",
            "0000-01-01T00:00:00Z",
            "2026-11-21T10:10:0١Z", "2026-11-21T10:10:00.5", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
        ])
    func refused(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    /// Clocks write second 60 in a leap second. It counts as the first second of the next minute, as in POSIX.
    @Test("takes a 60th second as the first of the next minute")
    func leapSecond() throws {
        let leap = try #require(Timestamp(rfc3339: "2016-12-31T23:59:60Z"))
        #expect(leap.description == "2017-01-01T00:00:00Z")
        #expect(Timestamp(rfc3339: "2016-12-31T23:59:60.25Z")?.description == "2017-01-01T00:00:00.25Z")
    }

    @Test("is written in UTC and reads back as the same moment", arguments: seeds)
    func roundTrip(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<20_000 {
            let moment = Timestamp(
                microseconds: Int64.random(in: -62_135_596_800_000_000...253_402_300_799_999_999, using: &random))
            let whole = Timestamp(seconds: moment.microseconds / 1_000_000)
            #expect(Timestamp(rfc3339: moment.description) == moment, "seed \(seed): \(moment)")
            #expect(
                Timestamp(rfc3339: whole.description) == whole && whole.description.utf8.count == 20, "seed \(seed)")
        }
    }

    @Test(
        "counts the seconds to wait upwards, and never below 0",
        arguments: [
            (0, 0, 0), (1, 0, 1), (1_000_000, 0, 1), (1_000_001, 0, 2), (0, 5, 0), (-1, -1_000_002, 2),
        ] as [(Int64, Int64, Int64)])
    func waiting(later: Int64, earlier: Int64, seconds: Int64) {
        #expect(Timestamp(microseconds: later).secondsCeiling(since: Timestamp(microseconds: earlier)) == seconds)
    }

    @Test("belongs to its day in UTC also before 1970")
    func days() {
        #expect(Timestamp(microseconds: -1).day.description == "1969-12-31")
        #expect(Timestamp(microseconds: 86_399_999_999).day.description == "1970-01-01")
        #expect(Timestamp(seconds: 5).adding(seconds: -6) == Timestamp(seconds: -1))
    }
}
