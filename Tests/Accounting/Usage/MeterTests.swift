import Testing

@testable import Accounting

@Suite("A meter") struct MeterTests {
    @Test("is known by its name, however it was made", arguments: Meter.named)
    func named(meter: Meter) {
        #expect(Meter(meter.name) == meter)
        #expect(Meter.named.firstIndex { $0.name == meter.name } == meter.ordinal.map(Int.init))
        #expect(Set([meter, Meter(meter.name)]).count == 1)
    }

    @Test("that is not one of the named is another than all others")
    func others() {
        #expect(Meter("pages") == Meter("pages"))
        #expect(Set([Meter("pages"), Meter("seconds"), .input]).count == 3)
    }
}
