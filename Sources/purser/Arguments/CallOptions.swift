import ArgumentParser
import JSON

/// The options that say who makes a call and what it is for.
struct CallOptions: ParsableArguments {
    @Option(help: "The team that pays.", completion: .teams, transform: Name.checked)
    var team: String

    @Option(help: "The feature the call is for.", transform: Name.checked)
    var feature: String?

    @Option(help: "The user the call is for.", transform: Name.checked)
    var user: String?

    @Option(help: "The run or agent the call is part of.", transform: Name.checked)
    var run: String?

    @Option(name: .customLong("tag"), help: "A tag as key=value; may be repeated.", transform: Pair.tag)
    var tags: [Pair] = []

    func write(to writer: inout JSONWriter) {
        writer.field("team", team)
        if let feature { writer.field("feature", feature) }
        if let user { writer.field("user", user) }
        if let run { writer.field("run", run) }
        writer.tags(tags)
    }
}

extension JSONWriter {
    /// Writes a `tags` field, or nothing where there are no tags.
    mutating func tags(_ tags: [Pair]) {
        guard !tags.isEmpty else { return }
        name("tags")
        object { writer in
            for tag in tags { writer.field(named: tag.key, tag.value) }
        }
    }
}
