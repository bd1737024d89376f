import Accounting
import Testing

@testable import API

@Suite("The time of a settlement") struct RecordableTimeTests {
    private static let now = Timestamp(rfc3339: "2026-11-21T12:00:00Z")!
    private static let day: Int64 = 86_400

    @Test(
        "is that of its hold if the router says none, even where the clock of the hold's server was ahead",
        arguments: [
            (nil, 0, true), (nil, -3_600, true), (nil, 3_600, true), (nil, 30 * day, true), (nil, -401 * day, false),
            (0, 3_600, true), (299, 0, true), (301, 0, false), (301, 3_600, false), (-401 * day, 0, false),
            (-3_600, -401 * day, true),
        ] as [(Int64?, Int64, Bool)])
    func time(stated: Int64?, hold: Int64, isRecordable: Bool) {
        let stated = stated.map { Self.now.adding(seconds: $0) }
        #expect(
            CallReport.isRecordable(stated, orHoldFrom: Self.now.adding(seconds: hold), at: Self.now) == isRecordable)
    }
}
