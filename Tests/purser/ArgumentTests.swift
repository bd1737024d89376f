import Accounting
import ArgumentParser
import Testing

@testable import purser

@Suite struct ArgumentTests {
    @Test(
        "a share is read exactly, as percent or as a decimal",
        arguments: [
            ("80%", "0.8"), ("0.8", "0.8"), ("100%", "1"), ("1", "1"), ("33.3333%", "0.333333"), ("120%", "1.2"),
        ])
    func share(text: String, decimal: String) throws {
        #expect(try Fraction.argument(text).description == decimal)
    }

    @Test(
        "a share that is not clearly one is refused",
        arguments: ["80", "1.5", "0", "0%", "%", "", "-5%", "8e1%", "0.1234567", " 80%", "80%%"])
    func notAShare(text: String) {
        #expect(throws: ValidationError.self) { try Fraction.argument(text) }
    }

    @Test("a list of shares is separated by commas, without empty places")
    func shares() throws {
        #expect(try Fraction.limitListArgument("50%,0.8,100%").map(\.description) == ["0.5", "0.8", "1"])
        #expect(throws: ValidationError.self) { try Fraction.limitListArgument("50%,,80%") }
    }

    @Test(
        "money is a plain decimal of nine places",
        arguments: ["", "-1", "1e3", "$5", "1,000", "0.0000000001", "1000000001"])
    func notMoney(text: String) {
        #expect(throws: ValidationError.self) { try Money.argument(text) }
    }

    @Test("a whole number has digits only", arguments: ["", "-1", "+1", "1.0", "1k", "9223372036854775808"])
    func notAQuantity(text: String) {
        #expect(throws: ValidationError.self) { try Quantity.argument(text) }
    }

    @Test("a tag is split at its first equals sign")
    func tag() throws {
        #expect(try Pair.tag("env=a=b") == Pair(key: "env", value: "a=b"))
        for text in ["env", "=a", "env="] {
            #expect(throws: ValidationError.self) { try Pair.tag(text) }
        }
    }

    @Test("a meter has a quantity")
    func meter() throws {
        #expect(try MeterQuantity.argument("web_searches=3") == MeterQuantity(meter: "web_searches", quantity: 3))
        for text in ["web_searches", "=3", "a=b", "a=1=2"] {
            #expect(throws: ValidationError.self) { try MeterQuantity.argument(text) }
        }
    }

    @Test("a name has the contract's characters and length")
    func name() throws {
        #expect(try Name.checked("Team/a.b_c:d@e+f|g=h-9") == "Team/a.b_c:d@e+f|g=h-9")
        #expect(try Name.checkedOrWildcard("*") == "*")
        for text in ["", "a b", "é", "*", String(repeating: "a", count: 129)] {
            #expect(throws: ValidationError.self) { try Name.checked(text) }
        }
    }

    @Test("months, days and moments that do not exist are refused")
    func calendar() throws {
        #expect(try CalendarMonth.argument("2026-10").description == "2026-10")
        #expect(try Timestamp.argument("2026-10-01").description == "2026-10-01T00:00:00Z")
        #expect(throws: ValidationError.self) { try CalendarMonth.argument("2026-13") }
        #expect(throws: ValidationError.self) { try CalendarDay.argument("2026-02-29") }
        #expect(throws: ValidationError.self) { try Timestamp.argument("yesterday") }
    }
}
