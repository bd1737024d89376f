import Testing

@testable import Ledger

@Suite("A word about leases") struct LeaseNotificationTests {
    @Test("fits into a notification, however many windows are revoked", arguments: [0, 1, 380, 381, 5000])
    func revocations(count: Int) {
        let windows = Set((0..<count).map { Int64.max - Int64($0) })
        let payloads = LeaseNotification.revocations(of: windows)
        #expect(payloads.allSatisfy { $0.utf8.count < 8000 })
        let heard = payloads.flatMap { payload -> Set<Int64> in
            if case .revoked(let windows) = LeaseNotification(payload: payload) { windows } else { [] }
        }
        #expect(heard.count == count)
        #expect(Set(heard) == windows)
    }

    @Test("is not heard where it is none", arguments: ["", "revoked 1", "RETURNED", "recall"])
    func noise(payload: String) { #expect(LeaseNotification(payload: payload) == nil) }

    @Test("of money that came back is heard")
    func gaveBack() { #expect(LeaseNotification(payload: LeaseNotification.returned) == .gaveBack) }
}
