import ArgumentParser
import Hummingbird

@main struct Purser: AsyncParsableCommand {
    func run() async throws { print(Router().endpoints.count) }
}
