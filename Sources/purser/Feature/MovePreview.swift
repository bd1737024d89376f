import JSON
import Wording

/// A team, or a feature of it.
struct MovedPlace {
    let text: String

    init(_ place: JSONValue?) {
        text = [place?["team"]?.string, place?["feature"]?.string].compactMap(\.self).joined(separator: "/")
    }
}

/// What a move takes along and leaves behind, in sentences.
struct MovePreview {
    private let from: MovedPlace
    private let to: MovedPlace
    private let outcome: JSONValue

    init(_ outcome: JSONValue) {
        self.outcome = outcome
        (from, to) = (MovedPlace(outcome["from"]), MovedPlace(outcome["to"]))
    }

    var change: String { "\(from.text) → \(to.text)" }

    var lines: [String] {
        var lines: [String] = []
        func tell(_ field: String, _ sentence: (String) -> String) {
            let ids = outcome.field(field)?.elements.compactMap(\.string) ?? []
            if !ids.isEmpty { lines.append(sentence(Phrase.list(ids))) }
        }
        tell("budgets") { "Goes along with all that it has spent: \($0)." }
        tell("left_budgets") { "Keeps what was spent, and counts no more of it: \($0)." }
        tell("joined_budgets") { "Counts its calls from now on, and nothing of before: \($0)." }
        if let windows = outcome["windows"]?.integer, windows > 0 {
            let budgets = "of budgets for every team and feature"
            lines.append("\(Phrase.count(windows, "window")) \(budgets): \(windows == 1 ? "goes" : "go") along.")
        }
        switch outcome["ladder"]?.string {
        case "moved": lines.append("Its ladder goes along.")
        case "replaced": lines.append("Its ladder does not go along: \(to.text) has one, which holds.")
        default: break
        }
        lines.append("Calls that name \(from.text) count as \(to.text) from now on, and are warned.")
        return lines
    }
}
