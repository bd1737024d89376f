// swift-tools-version:6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// Property tests and the simulator run millions of steps of these modules: they are optimised in debug builds too, with
/// their assertions on.
let fast = strict + [.unsafeFlags(["-O", "-assert-config", "Debug"], .when(configuration: .debug))]

func module(_ name: String, _ dependencies: [Target.Dependency] = [], _ settings: [SwiftSetting] = strict) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies, path: "Tests/\(name)",
        exclude: exclude, swiftSettings: strict)
}

let heap: Target.Dependency = .product(name: "HeapModule", package: "swift-collections")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "purser",
    products: [.executable(name: "purser", targets: ["purser"])],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    ],
    targets: [
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        // Swift sources cannot be given a value by the build, C sources can. `make` sets the variable for release builds.
        .target(
            name: "CBuild",
            cSettings: [.define("PURSER_COMMIT", to: "\"\(Context.environment["PURSER_COMMIT"] ?? "")\"")]),
        module("JSON", [], fast),
        module("Wording", [], fast),
        module("Accounting", ["JSON", "Wording", crypto], fast),
        module("Postgres", ["CPostgres"]),
        module("Curl", ["CCurl"]),
        module("Pricing", ["Accounting", "JSON", "Wording", yams]),
        module("Ledger", ["Accounting", "JSON", "Postgres", "Pricing", "Wording", crypto, logging]),
        module("Finance", ["Accounting", "JSON", "Ledger", "Postgres", "Wording", crypto, heap]),
        module("Alerts", ["Curl", "Wording", crypto]),
        module(
            "API",
            [
                "Accounting", "Alerts", "CBuild", "Curl", "Finance", "JSON", "Ledger", "Postgres", "Pricing", "Wording",
                hummingbird, logging, metrics, lifecycle, signals,
            ]),
        .executableTarget(
            name: "purser",
            dependencies: [
                "Accounting", "API", "Curl", "Finance", "JSON", "Ledger", "Postgres", "Pricing", "Wording", arguments,
                logging, yams,
            ],
            swiftSettings: strict),
        .target(
            name: "Simulation", dependencies: ["Accounting", "Ledger", "SeededRandom", heap],
            path: "Tests/Simulation/Model",
            swiftSettings: strict),
        .executableTarget(
            name: "simulate", dependencies: ["Simulation"], path: "Tests/Simulation/Command", swiftSettings: strict),
        .target(name: "SeededRandom", path: "Tests/SeededRandom", swiftSettings: strict),
        .target(name: "Allocations", path: "Tests/CoreSpeed/Allocations"),
        .executableTarget(
            name: "core-speed", dependencies: ["Accounting", "Allocations", "Ledger"],
            path: "Tests/CoreSpeed/Command", swiftSettings: strict),
        .target(
            name: "PacedMonth", dependencies: ["Accounting", "SeededRandom"], path: "Tests/Pacing/Model",
            swiftSettings: fast),
        .executableTarget(
            name: "pacing", dependencies: ["Accounting", "PacedMonth", "Wording"], path: "Tests/Pacing/Command",
            swiftSettings: strict),
        .target(
            name: "ShippedPrices", dependencies: ["Accounting", "Pricing"], path: "Tests/Prices/Shipped",
            swiftSettings: strict),
        .target(
            name: "PlayedHour",
            dependencies: [
                "Accounting", "Ledger", "PacedMonth", "Postgres", "PostgresTesting", "Pricing", logging,
            ], path: "Tests/Replay/Model", swiftSettings: strict),
        .executableTarget(
            name: "replay",
            dependencies: [
                "Accounting", "Finance", "Ledger", "PacedMonth", "PlayedHour", "Postgres", "PostgresTesting",
            ],
            path: "Tests/Replay/Command", swiftSettings: strict),
        .executableTarget(
            name: "forecast-error",
            dependencies: ["Accounting", "Ledger", "PacedMonth", "Postgres", "PostgresTesting", "SeededRandom"],
            path: "Tests/Forecast", swiftSettings: strict),
        .executableTarget(
            name: "price-rating", dependencies: ["Accounting", "JSON", "Pricing", "ShippedPrices"],
            path: "Tests/Prices/Rating", swiftSettings: strict),
        .testTarget(
            name: "SimulationTests",
            dependencies: ["Accounting", "Ledger", "Postgres", "PostgresTesting", "SeededRandom", "Simulation"],
            path: "Tests/Simulation/Tests", swiftSettings: strict),
        tests(of: "JSON"),
        tests(of: "Wording"),
        tests(of: "Accounting", ["JSON", "PacedMonth", "SeededRandom", "ShippedPrices"]),
        module("PostgresTesting", ["Postgres"]),
        tests(of: "Postgres", ["PostgresTesting"]),
        tests(of: "Curl", exclude: ["server.py"]),
        tests(of: "Alerts", ["Curl"], exclude: ["receiver.py"]),
        tests(of: "Pricing", ["Accounting", "JSON"]),
        tests(
            of: "Ledger",
            [
                "Accounting", "Finance", "JSON", "Postgres", "PostgresTesting", "Pricing", "SeededRandom",
                "ShippedPrices",
            ]),
        tests(
            of: "Finance",
            [
                "Accounting", "JSON", "Ledger", "PacedMonth", "PlayedHour", "Postgres", "PostgresTesting", "Pricing",
                "SeededRandom", "Wording",
            ]),
        tests(of: "API", ["Curl", "JSON", "PostgresTesting", "purser"]),
        tests(of: "purser", ["Accounting", "Curl", "JSON", "Wording", arguments]),
    ],
    swiftLanguageModes: [.v6]
)
