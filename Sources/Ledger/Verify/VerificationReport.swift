import Accounting

/// A claim that `purser verify` checks, and the result of the check.
package struct IntegrityCheck: Sendable {
    package let claim: String
    /// How many rows were checked.
    package internal(set) var checked = 0
    /// The first few rows that violate the claim, in words.
    package private(set) var problems: [String] = []
    /// What could not be checked, and why, in words.
    package internal(set) var gaps: [String] = []

    private static let maximumProblems = 10

    init(_ claim: String) { self.claim = claim }

    mutating func note(_ problem: String) {
        if problems.count < Self.maximumProblems { problems.append(problem) }
    }

    mutating func note(_ problems: [String]) {
        for problem in problems { note(problem) }
    }

    /// How many rows of problems a statement needs to return.
    static var limit: Int64 { Int64(maximumProblems) }
}

/// What a verification has found.
package struct VerificationReport: Sendable {
    package let checks: [IntegrityCheck]
    /// Up to where the ledger was read, in a sentence.
    package let extent: String

    package var problems: [String] { checks.flatMap(\.problems) }
    package var gaps: [String] { checks.flatMap(\.gaps) }
    package var holds: Bool { problems.isEmpty }
}
