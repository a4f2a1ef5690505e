// swift-tools-version: 6.2
import PackageDescription

/// The settings of the package that is measured: Swift 6 mode, warnings as errors, strict memory safety.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "quell-benchmarks",
    dependencies: [
        .package(name: "quell", path: ".."),
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    ],
    targets: [
        .executableTarget(
            name: "Pipeline",
            dependencies: [
                .product(name: "QuellCore", package: "quell"),
                .product(name: "Benchmark", package: "benchmark"),
            ],
            path: "Benchmarks/Pipeline",
            swiftSettings: [.swiftLanguageMode(.v6)],
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]
        ),
        .target(name: "CMeter", linkerSettings: [.linkedLibrary("dl")]),
        .executableTarget(name: "BenchGuest"),
        .executableTarget(
            name: "TraceBench",
            dependencies: ["CMeter", .product(name: "QuellCore", package: "quell")],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "SamplerBench",
            dependencies: ["CMeter", .product(name: "QuellCore", package: "quell")],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "DetectionBench",
            dependencies: [.product(name: "QuellCore", package: "quell")],
            swiftSettings: strict
        ),
    ]
)
