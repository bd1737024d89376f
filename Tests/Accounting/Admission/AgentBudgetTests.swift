import SeededRandom
import Testing

@testable import Accounting

/// Twenty agents share a budget of 25 USD. Each asks for 64,000 tokens of output, which could cost 1.60 USD, and uses a
/// few thousand.
@Suite("A budget of agents that ask for much and use little") struct AgentBudgetTests {
    private static let limit: Int64 = 25_000_000_000
    private static let nanodollarsPerToken: Int64 = 25_000
    private static let agents = 20
    private static let secondsOfACall = 4

    private static let prices: PriceBook = {
        let name = EngineFixture.model("opus")
        return PriceBook(
            models: [
                ModelPrices(
                    name: name, maximumOutputTokens: 64_000,
                    prices: [
                        .of(.input, nanodollarsPerToken * 1_000_000, id: 1, model: name),
                        .of(.output, nanodollarsPerToken * 1_000_000, id: 2, model: name),
                    ])
            ], makers: ["maker"])
    }()

    private struct Outcome: CustomStringConvertible {
        var description: String { "\(usedPermille) permille, \(denied) of \(asked) denied" }
        var asked = 0
        /// While the budget had money for someone.
        var denied = 0
        var usedPermille = 0
    }

    /// Lets the agents call until the money is used up: each asks again when its call has ended, and a second after a
    /// denial.
    private static func run(least: Int64?, wait: Int64) -> Outcome {
        var replica = OneReplica([EngineFixture.budget(limit: limit)], prices: prices)
        var random = SplitMix64(seed: 25)
        var outcome = Outcome()
        var tickets = [Int64?](repeating: nil, count: agents)
        var endsAt = [Int64: Int64]()
        for second in Int64(0)... {
            replica.milliseconds = second * 1_000
            for agent in 0..<agents {
                if tickets[agent] == nil {
                    outcome.asked += 1
                    tickets[agent] = replica.ask(64_000, wait: wait, least: least)
                }
            }
            replica.endWaits()
            let deniedBefore = outcome.denied
            for agent in 0..<agents {
                guard let ticket = tickets[agent], let verdict = replica.verdict(ticket) else { continue }
                guard let most = verdict.maxOutputTokens else {
                    outcome.denied += 1
                    tickets[agent] = nil
                    continue
                }
                let end = endsAt[ticket] ?? second + Int64(secondsOfACall)
                endsAt[ticket] = end
                guard end == second else { continue }
                replica.settle(ticket, cost: min(most, random.int64(500...6_000)) * nanodollarsPerToken)
                tickets[agent] = nil
                #expect(replica.rows[1]!.spent + replica.rows[1]!.here <= limit)
            }
            // Nothing is in flight, and nothing fits any more.
            if outcome.denied - deniedBefore == agents { break }
        }
        outcome.denied -= agents
        outcome.usedPermille = Int(replica.rows[1]!.spent * 1_000 / limit)
        return outcome
    }

    @Test("is used to its end, and denies next to nobody before, where agents take smaller answers and wait")
    func use() {
        let plain = Self.run(least: nil, wait: 0)
        let clamped = Self.run(least: 1_000, wait: 0)
        let patient = Self.run(least: 1_000, wait: 30_000)
        #expect(plain.usedPermille < 950)
        #expect(plain.denied * 3 > plain.asked)
        #expect(clamped.usedPermille >= 999)
        #expect(patient.usedPermille >= 999)
        #expect(patient.denied < clamped.denied && clamped.denied < plain.denied)
        #expect(patient.denied <= Self.agents)
    }
}
