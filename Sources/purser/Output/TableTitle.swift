import Accounting
import JSON
import Wording

/// The line above a table: what it shows, of whom, and as of when.
///
/// Only a terminal shows it. In a pipe the first line has the headings and every other is a row, so that `| grep search`
/// finds rows alone and `| tail -n +2` leaves nothing else; csv and json have no title anyway.
struct TableTitle {
    /// Such as `Budgets`.
    let subject: String

    init(_ subject: String) { self.subject = subject }

    /// Of one team, or of all that the token may read.
    init(_ subject: String, ofTeam team: String?) {
        self.init("\(subject) of \(Self.scope(team))")
    }

    static func scope(_ team: String?) -> String { team.map { "team \($0)" } ?? "all teams you may read" }

    /// - Parameter zone: in which its days and months begin, where it has any.
    func line(asOf moment: Timestamp, in zone: String? = nil) -> String {
        let place = zone.map { " in \($0)" } ?? ""
        let time = Phrase.time(Phrase.withoutFraction(moment.description))
        return PrintableText.of("\(subject)\(place), as of \(time)") + "\n\n"
    }
}

extension Answer {
    /// When the server read what it answers; nil where it does not say.
    func asOf() throws(CommandFailure) -> Timestamp? {
        try json()["as_of"]?.string.flatMap { Timestamp(rfc3339: $0) }
    }
}
