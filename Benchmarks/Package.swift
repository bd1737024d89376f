// swift-tools-version:6.2
import PackageDescription

// The same Hummingbird dependency as the server's, so that the bare route shows the best that Hummingbird can do.
let package = Package(
    name: "benchmarks",
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    ],
    targets: [
        .executableTarget(
            name: "bare", dependencies: [.product(name: "Hummingbird", package: "hummingbird")], path: "Sources/Bare",
            swiftSettings: [.treatAllWarnings(as: .error)]),
        .systemLibrary(name: "CEpoll"),
        .executableTarget(
            name: "load",
            dependencies: ["CEpoll", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Sources/Load", swiftSettings: [.treatAllWarnings(as: .error)]),
    ],
    swiftLanguageModes: [.v6]
)
