import Testing

@testable import purser

@Suite struct CommandEndTests {
    @Test(
        "each kind of failure has its exit code",
        arguments: [(CommandFailure.Kind.refused, Int32(1)), (.usage, 2), (.notReachable, 3)])
    func exitCodes(kind: CommandFailure.Kind, code: Int32) {
        let end = CommandEnd(of: CommandFailure(kind, "It did not work.", "/limit_usd: must be text"))
        #expect(end.exitCode == code)
        #expect(end.standardError == "Error: It did not work.\n  /limit_usd: must be text")
    }

    @Test("a closed pipe ends quietly")
    func closedPipe() {
        #expect(CommandEnd(of: CommandFailure(.outputClosed)).standardError.isEmpty)
        #expect(CommandEnd(of: CommandFailure(.outputClosed)).exitCode == 0)
    }
}
