import Testing

@testable import Ledger

@Suite("A word about leases") struct LeaseNewsTests {
    @Test("fits into a notification, however many windows are called back", arguments: [0, 1, 380, 381, 5000])
    func recalls(count: Int) {
        let windows = Set((0..<count).map { Int64.max - Int64($0) })
        let payloads = LeaseNews.recalls(of: windows)
        #expect(payloads.allSatisfy { $0.utf8.count < 8000 })
        let heard = payloads.flatMap { payload -> Set<Int64> in
            if case .recalled(let windows) = LeaseNews(payload: payload) { windows } else { [] }
        }
        #expect(heard.count == count)
        #expect(Set(heard) == windows)
    }

    @Test("is not heard where it is none", arguments: ["", "recalled 1", "RETURNED", "recall"])
    func noise(payload: String) { #expect(LeaseNews(payload: payload) == nil) }

    @Test("of money that came back is heard")
    func gaveBack() { #expect(LeaseNews(payload: LeaseNews.returned) == .gaveBack) }
}
