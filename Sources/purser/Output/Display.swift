import Accounting
import Ledger

/// Who looks at a table, and how.
///
/// What only people at a terminal see differs from what a pipe or a file gets in this one place: a title, signs and colours,
/// and columns that fit the width. A table's figures and words are the same in both.
struct Display {
    /// Nil where there is no terminal: then nothing is wrapped or left out.
    var width: Int?
    /// Never alone: whatever has a colour has a sign or a word, too.
    var takesColour = false
    var takesSigns = false
    /// Whether amounts have all their places, and times are moments.
    var isExact = false
    /// What the ends of windows are told from.
    var now = SystemClock.wallTime()

    static func standardOutput(isExact: Bool, now: Timestamp = SystemClock.wallTime()) -> Display {
        let isTerminal = StandardOutput.isTerminal
        let isPlain = ClientSettings.variable("TERM") == "dumb"
        let isColourless = ClientSettings.variable("NO_COLOR").map { !$0.isEmpty } ?? false
        return Display(
            width: StandardOutput.terminalWidth, takesColour: isTerminal && !isPlain && !isColourless,
            takesSigns: isTerminal && !isPlain, isExact: isExact, now: now)
    }
}
