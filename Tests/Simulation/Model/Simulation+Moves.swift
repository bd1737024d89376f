import Accounting
import SeededRandom

/// Features that go from one team to the other, and back.
extension Simulation {
    func moveFeature() {
        guard network.isDatabaseUp else { return }
        let places = SampleDeployment.teams.map { FeaturePlace(team: $0, feature: SampleDeployment.movedFeature) }
        // It is at one of them, and was moved from the other, if it was moved at all.
        guard let from = places.first(where: { database.configuration.moves.destination(of: $0) == nil }),
            let to = places.first(where: { $0 != from })
        else { return }
        database.move(from, to: to)
        tell("\(from) goes to \(to), configuration \(database.configuration.version)")
        note { $0.moves += 1 }
        rollOut()
    }
}
