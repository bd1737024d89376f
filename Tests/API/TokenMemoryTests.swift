import Testing

@testable import API

@Suite("The memory of tokens") struct TokenMemoryTests {
    @Test("has a limit, and forgets first what nobody asks for") func limit() {
        var memory = TokenMemory<Int>(limit: 100)
        memory["asked for"] = 0
        for number in 1...1_000 {
            memory["t\(number)"] = number
            #expect(memory["asked for"] == 0)
            #expect(memory.values.count <= 100)
        }
        #expect(memory["t1000"] == 1_000)
        #expect(memory["t1"] == nil)
    }

    @Test("has the newest value of a token once") func replaced() {
        var memory = TokenMemory<Int>(limit: 8)
        for number in 1...20 { memory["t"] = number }
        for number in 1...3 { memory["u\(number)"] = 0 }
        memory["t"] = 21
        #expect(memory["t"] == 21)
        #expect(memory.values.filter { $0 > 0 } == [21])
    }
}
