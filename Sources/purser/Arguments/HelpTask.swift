/// Something that people want to do, and the commands that do it, for the help of a command.
struct HelpTask {
    let name: String
    let commands: [String]

    init(_ name: String, _ commands: String...) { (self.name, self.commands) = (name, commands) }

    /// The tasks with the commands of each below it, a line each, so that they can be pasted.
    static func list(_ tasks: [HelpTask]) -> String {
        tasks.map { task in "\(task.name):\n" + task.commands.map { "  \($0)" }.joined(separator: "\n") }
            .joined(separator: "\n")
    }
}
