import Accounting
import Ledger
import Wording

/// A name in a request that stands for nothing, and was probably meant for another.
enum MissingName: Sendable {
    case team(String)
    case budget(String)

    /// Of so many names near ones are looked for, while a request waits.
    private static let mostNames = 5_000

    /// The error of a request, with the names in its detail that may have been meant. Only those are told that the caller
    /// may read anyway.
    static func guessed(in error: any Error, for principal: Principal, _ configuration: Configuration) -> any Error {
        var problem: Problem
        switch error {
        case let error as Problem: problem = error
        case StoreFailure.unknownTeam(let team): problem = .unknownTeam(team)
        default: return error
        }
        guard let missing = problem.missing, let question = missing.question(principal, configuration) else {
            return error
        }
        problem.detail = "\(missing.absence) \(question)"
        return problem
    }

    private var absence: String {
        switch self {
        case .team(let name): "There is no team \(name)."
        case .budget(let id): "There is no budget \(id)."
        }
    }

    private func question(_ principal: Principal, _ configuration: Configuration) -> String? {
        switch self {
        case .team(let name):
            let known = configuration.teams.lazy.filter { principal.may(.read(team: $0)) }
                .map { configuration.names.name(of: $0) }
            return NearestNames.question(for: name, among: known.prefix(Self.mostNames))
        case .budget(let id):
            let known = configuration.budgets.lazy.filter { principal.may(.read(team: $0.scope.team)) }.map(\.id)
            return NearestNames.question(for: id, among: known.prefix(Self.mostNames))
        }
    }
}
