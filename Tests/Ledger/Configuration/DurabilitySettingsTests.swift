import Postgres
import Testing

@testable import Ledger

@Suite("Settings of the database") struct DurabilitySettingsTests {
    struct Case: Sendable {
        var fsync = "on"
        var fullPageWrites = "on"
        var commit = "on"
        var namesStandbys = false
        var hasStandby = false
        let told: [String]
    }

    @Test(
        "that weaken a promise are told, and no others",
        arguments: [
            Case(told: []), Case(commit: "local", told: []), Case(commit: "remote_write", told: []),
            Case(namesStandbys: true, hasStandby: true, told: []),
            Case(commit: "remote_apply", namesStandbys: true, hasStandby: true, told: []),
            Case(fsync: "off", told: ["fsync"]), Case(commit: "off", told: ["synchronous_commit"]),
            Case(fullPageWrites: "off", told: ["full_page_writes"]),
            Case(hasStandby: true, told: ["asynchronous"]),
            Case(commit: "local", namesStandbys: true, hasStandby: true, told: ["synchronous_commit local"]),
            Case(commit: "remote_write", namesStandbys: true, told: ["synchronous_commit remote_write"]),
            Case(
                commit: "off", namesStandbys: true, hasStandby: true,
                told: ["lost in a crash", "synchronous_commit off commits do not wait"]),
            Case(
                fsync: "off", fullPageWrites: "off", hasStandby: true, told: ["fsync", "full_page_writes", "failover"]),
        ])
    func warnings(_ one: Case) {
        var settings = DurabilitySettings()
        (settings.fsync, settings.fullPageWrites, settings.synchronousCommit) = (
            one.fsync, one.fullPageWrites, one.commit
        )
        (settings.namesStandbys, settings.hasStandby) = (one.namesStandbys, one.hasStandby)
        #expect(settings.warnings.count == one.told.count)
        for (warning, word) in zip(settings.warnings, one.told) { #expect(warning.contains(word)) }
    }

    @Test("are read from the database as they are")
    func read() async throws {
        try await LedgerFixture.with { fixture in
            let connection = try fixture.connect()
            try connection.executeScript("SET synchronous_commit = remote_write")
            let settings = try DurabilitySettings(connection)
            #expect(settings.synchronousCommit == "remote_write")
            let fullPageWrites: String = try connection.query("SHOW full_page_writes")[0].decode(at: 0)
            #expect(settings.fullPageWrites == fullPageWrites)
            #expect(!settings.namesStandbys && !settings.hasStandby)
        }
    }
}
