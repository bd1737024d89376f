import Testing

@testable import Accounting

@Suite("A meter") struct MeterTests {
    @Test("is known by its name, however it was made", arguments: Meter.named)
    func named(meter: Meter) {
        #expect(Meter(meter.name) == meter)
        #expect(Meter.named.firstIndex { $0.name == meter.name } == meter.ordinal.map(Int.init))
        #expect(Set([meter, Meter(meter.name)]).count == 1)
    }

    @Test("of tokens is of the prompt or of the output, as whole or part, and no other is", arguments: Meter.named)
    func sides(meter: Meter) {
        #expect(meter.isOfInput == ([.input, .unsplit].contains(meter) || Meter.inputParts.contains(meter)))
        #expect(meter.isOfOutput == (meter == .output || Meter.outputParts.contains(meter)))
        #expect((meter.isOfInput || meter.isOfOutput) == meter.name.hasSuffix("_tokens"))
    }

    @Test("that is not one of the named is another than all others")
    func others() {
        #expect(Meter("bananas") == Meter("bananas"))
        #expect(Set([Meter("bananas"), Meter("seconds"), .input]).count == 3)
    }
}
