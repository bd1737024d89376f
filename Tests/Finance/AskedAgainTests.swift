import Accounting
import Finance
import Testing

/// A token costs 10 nanodollars. A call that is assumed to be made lasts five seconds, and uses all that it was held for.
@Suite("A call that was denied and asked again") struct AskedAgainTests {
    /// The call `r` of twenty tokens, which was denied at the start.
    private static var denied: LoggedTraffic {
        var traffic = LoggedTraffic()
        traffic.call(at: 0, tokens: 20, id: "r", isDenied: true)
        return traffic
    }

    private static let budget = LoggedTraffic.budget(limit: 10_000)

    @Test(
        "is charged once, as the last record says, whether the first is taken to be under way or over",
        arguments: [(2, 20), (2, 10), (60, 20), (60, 10)] as [(Int64, Int64)])
    func admitted(second: Int64, tokens: Int64) {
        var traffic = Self.denied
        traffic.call(at: second, tokens: tokens, id: "r", endsAfter: 30)
        let result = traffic.replay([Self.budget])
        #expect(result.assumed == 0 && result.differenceCount == 1)
        #expect(result.counts.saved == .zero && result.counts.spent == Money(nanodollars: tokens * 10))
        #expect(result.outcomes[0].spent == tokens * 10)
    }

    @Test("and denied again is assumed once", arguments: [2, 60] as [Int64]) func denied(second: Int64) {
        var traffic = Self.denied
        traffic.call(at: second, tokens: 10, id: "r", isDenied: true)
        let result = traffic.replay([Self.budget])
        #expect(result.assumed == 1 && result.counts.admitted == 2)
        #expect(result.counts.spent == Money(nanodollars: 100) && result.outcomes[0].spent == 100)
    }

    @Test("of another server, while it is under way, is not assumed beside it") func underWay() {
        var traffic = LoggedTraffic()
        traffic.call(at: 0, tokens: 20, id: "r", endsAfter: 60)
        traffic.call(at: 2, tokens: 20, id: "r", isDenied: true)
        let result = traffic.replay([Self.budget])
        #expect(result.assumed == 0 && result.counts.saved == .zero)
    }
}
