import Accounting
import PacedMonth
import Wording

/// The same month of calls without pacing and with it: what each has spent by when, and which models have served its days.
struct PacingChart {
    let unpaced: MonthRun
    let paced: MonthRun

    private static let width = 720
    private static let left = 64
    private static let right = 700
    private static let top = 56
    private static let bottom = 256
    private static let barHeight = 44
    private static let bars = [(y: 292, name: "unpaced"), (y: 352, name: "paced")]
    private static let height = 424
    private static let modelClasses = ["opus", "sonnet", "haiku"]

    /// Colours that are told apart on white and on black, also by those who see fewer.
    private static let style = """
        text{font:12px system-ui,sans-serif;fill:#24292f}.title{font-size:14px;font-weight:600}.quiet{fill:#59636e}\
        .grid{stroke:#59636e;stroke-opacity:.25}.weekend{fill:#59636e;fill-opacity:.1}.limit{stroke:#59636e;stroke-dasharray:6 4}\
        .plan{fill:none;stroke:#59636e;stroke-width:1.5;stroke-dasharray:1 3}\
        .unpaced{fill:none;stroke:#c4432b;stroke-width:2}.paced{fill:none;stroke:#1f6fb8;stroke-width:2}\
        .c-unpaced{fill:#b8391f}.c-paced{fill:#1a62a5}\
        .opus{fill:#1f4e8c}.sonnet{fill:#5b9bd5}.haiku{fill:#b5d3ee}.denied{fill:#c4432b}\
        @media(prefers-color-scheme:dark){text{fill:#e6edf3}.quiet{fill:#9da7b1}.grid,.limit,.plan{stroke:#9da7b1}\
        .weekend{fill:#9da7b1}.unpaced{stroke:#ff7b61}.paced{stroke:#6cb6ff}.c-unpaced{fill:#ff8f78}.c-paced{fill:#7cbeff}\
        .opus{fill:#2f7ad0}.sonnet{fill:#77aee6}.haiku{fill:#c3dcf5}.denied{fill:#ff7b61}}
        """

    var svg: String {
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Self.width) \(Self.height)" role="img">
        <title>A tight budget over a month, without pacing and with it</title><style>\(Self.style)</style>
        \((frame + curves + bars + legend).joined(separator: "\n"))
        </svg>

        """
    }

    var summary: String {
        [("without pacing", unpaced), ("with pacing", paced)].map { name, run in
            let models = zip(Self.modelClasses, run.served).map { "\(Phrase.number(String($1))) on \($0)" }
            let denial = run.firstDenial.map { ", the first on \($0)" } ?? ""
            return """
                \(name): spent \(Self.dollars(run.spent)) of \(Self.dollars(run.limit)); \(Phrase.all(models)); \
                \(Phrase.count(run.denied, "call")) denied\(denial)
                """
        }.joined(separator: "\n")
    }

    private static func dollars(_ nanodollars: Int64) -> String { Phrase.cents(Money(nanodollars: nanodollars).usd) }

    // MARK: Places

    private var hours: Int { unpaced.days.count * 24 }

    private func x(_ hour: Int) -> Int { Self.left + hour * (Self.right - Self.left) / hours }

    private func y(_ nanodollars: Int64) -> Int {
        Self.bottom - Int(nanodollars / 1_000 * Int64(Self.bottom - Self.top - 12) / (unpaced.limit / 1_000))
    }

    /// A line through what was spent at the end of every sixth hour.
    private func path(_ spent: (Int) -> Int64) -> String {
        "M" + stride(from: 0, through: hours, by: 6).map { "\(x($0)) \(y(spent($0)))" }.joined(separator: "L")
    }

    private func text(_ x: Int, _ y: Int, _ words: String, _ kind: String = "", anchor: String = "start") -> String {
        let place = anchor == "start" ? "" : " text-anchor=\"\(anchor)\""
        return "<text\(kind.isEmpty ? "" : " class=\"\(kind)\"") x=\"\(x)\" y=\"\(y)\"\(place)>\(words)</text>"
    }

    // MARK: Parts

    private var frame: [String] {
        var parts = [text(Self.left, 20, "What a tight budget has spent, in the same month of calls", "title")]
        for day in unpaced.days.indices {
            let moment = unpaced.window.start.adding(seconds: Int64(day) * 86_400)
            if WeekShape.isWeekend(moment.day) {
                let width = x((day + 1) * 24) - x(day * 24)
                parts.append(
                    "<rect class=\"weekend\" x=\"\(x(day * 24))\" y=\"\(Self.top)\" width=\"\(width)\" "
                        + "height=\"\(Self.bottom - Self.top)\"/>")
            }
            if day % 7 == 0 {
                parts.append(text((x(day * 24) + x(day * 24 + 24)) / 2, 274, "\(day + 1)", "quiet", anchor: "middle"))
            }
        }
        for share in [Int64(0), 1, 2] {
            let amount = unpaced.limit / 2 * share
            let kind = share == 2 ? "limit" : "grid"
            parts.append(
                "<line class=\"\(kind)\" x1=\"\(Self.left)\" x2=\"\(Self.right)\" y1=\"\(y(amount))\" y2=\"\(y(amount))\"/>"
            )
            let words = Phrase.dollars(Money(nanodollars: amount).usd)
            parts.append(text(Self.left - 8, y(amount) + 4, words, "quiet", anchor: "end"))
        }
        return parts
    }

    private var curves: [String] {
        let plan = paced.plan
        let lines = [
            ("plan", path { plan.planned(of: paced.limit, at: paced.window.start.adding(seconds: Int64($0) * 3_600)) }),
            ("unpaced", path { $0 == 0 ? 0 : unpaced.spentByHour[$0 - 1] }),
            ("paced", path { $0 == 0 ? 0 : paced.spentByHour[$0 - 1] }),
        ]
        var parts = lines.map { "<path class=\"\($0.0)\" d=\"\($0.1)\"/>" }
        let day = unpaced.firstDenial.map { Int(($0.seconds - unpaced.window.start.seconds) / 86_400) + 1 } ?? 0
        let denied = Phrase.count(unpaced.denied, "call")
        parts.append(
            text(
                Self.left, 44, "without pacing: dry on day \(day), \(denied) denied", "c-unpaced"))
        let left = Phrase.share(
            Fraction(millionths: (paced.limit - paced.spent) * 1_000 / paced.limit * 1_000).description)
        parts.append(
            text(
                Self.right, 44,
                "with pacing: \(left) left at the end, \(paced.denied == 0 ? "none" : "\(paced.denied)") denied",
                "c-paced", anchor: "end"))
        parts.append(text(x(hours) - 8, y(paced.limit / 4) + 4, "dotted: the plan", "quiet", anchor: "end"))
        return parts
    }

    /// By day, which models served its calls, and how many calls were denied.
    private var bars: [String] {
        let most = (unpaced.days + paced.days).map { $0.served.reduce($0.denied, +) }.max() ?? 1
        return zip(Self.bars, [unpaced, paced]).flatMap { bar, run -> [String] in
            var parts: [String] = []
            for (day, counts) in run.days.enumerated() {
                var y = bar.y + Self.barHeight
                for (kind, count) in zip(Self.modelClasses + ["denied"], counts.served + [counts.denied]) {
                    let height = count * Self.barHeight / most
                    guard height > 0 else { continue }
                    y -= height
                    parts.append(
                        "<rect class=\"\(kind)\" x=\"\(x(day * 24) + 1)\" y=\"\(y)\" "
                            + "width=\"\(x(day * 24 + 24) - x(day * 24) - 2)\" height=\"\(height)\"/>")
                }
            }
            let words = bar.name == "paced" ? "with" : "without"
            parts.append(text(Self.left - 8, bar.y + Self.barHeight - 2, words, "c-\(bar.name)", anchor: "end"))
            return parts
        }
    }

    private var legend: [String] {
        let names = ["opus", "sonnet", "haiku", "denied"]
        let start = text(Self.left, 414, "calls of each day, by what served them:", "quiet")
        return [start]
            + names.enumerated().flatMap { place, name -> [String] in
                let x = Self.left + 250 + place * 84
                return [
                    "<rect class=\"\(name)\" x=\"\(x)\" y=\"404\" width=\"12\" height=\"12\"/>",
                    text(x + 18, 414, name),
                ]
            }
    }
}
