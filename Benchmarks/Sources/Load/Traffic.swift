import ArgumentParser

/// The requests that a client repeats.
enum Traffic: String, ExpressibleByArgument, Sendable {
    case authorize
    /// Authorize and settle in turn.
    case pairs
    /// Authorize a hundred calls, then settle them in one request.
    case batch
    /// Makes holds, then settles them; only the settling is measured.
    case settle
    /// Reports calls that were never authorized.
    case usage

    static let settlementsInBatch = 100
    static let eventsInBody = 10_000
}

/// A kind of request, and how to recognise a good answer to it.
enum Step: Equatable {
    case authorize, settle, batch, usage

    /// How many pairs or ledger rows one answered request completes.
    var yield: Int {
        switch self {
        case .authorize: 0
        case .settle: 1
        case .batch: Traffic.settlementsInBatch
        case .usage: Traffic.eventsInBody
        }
    }

    func isAnswered(by answer: Answer) -> Bool {
        guard answer.status == 200 else { return false }
        switch self {
        case .authorize: return answer.holdID != nil
        case .settle: return answer.count(of: #""entry_id":""#) == 1
        case .batch: return answer.count(of: #""entry_id":""#) == Traffic.settlementsInBatch
        case .usage: return answer.count(of: #""accepted":10000"#) == 1
        }
    }
}
