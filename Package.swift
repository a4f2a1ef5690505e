// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target is built with these: Swift 6 mode, warnings as errors, strict memory safety.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

func library(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

func tool(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .testTarget(
        name: name + "Tests",
        dependencies: (name == "Signals" ? [] : ["Signals"]) + [.target(name: name), "TestSupport"] + dependencies,
        resources: resources,
        swiftSettings: strict
    )
}

let package = Package(
    name: "quell",
    products: [
        .executable(name: "quelld", targets: ["quelld"]),
        .executable(name: "quell", targets: ["quell"]),
        .library(
            name: "QuellCore",
            targets: [
                "Signals", "HostReaders", "Sampling", "Detection", "Attribution", "Traces", "Policy", "QuellRuntime",
                "Demo",
            ]
        ),
        // Stand-ins for the library of NVIDIA's driver: files for tests to load as it is loaded, linked with nothing.
        .library(name: "NVMLStandIn", type: .dynamic, targets: ["NVMLStandIn"]),
        .library(name: "NVMLStandInOld", type: .dynamic, targets: ["NVMLStandInOld"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .systemLibrary(name: "CLibvirt", pkgConfig: "libvirt", providers: [.apt(["libvirt-dev"])]),
        .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        .target(name: "CKernel"),

        // The pure core imports no Glibc, so the rounding of Double needs the mathematics library by name.
        .target(name: "Signals", swiftSettings: strict, linkerSettings: [.linkedLibrary("m")]),
        library("Libvirt", ["CLibvirt", "Signals"]),
        library("Systemd", ["CSystemd", logging]),
        library("HostReaders", ["CKernel"]),
        library("Sampling", ["Libvirt", "HostReaders", "Signals"]),
        library("Detection", ["Signals"]),
        library("Attribution", ["Signals", "Detection"]),
        library("AttributionMatrix", ["Attribution", "Detection", "Signals"]),
        library("Policy", ["Signals", yams]),
        library("Enforcement", ["Policy", "Signals"]),
        library("Traces", ["Signals"]),
        library("Proving", ["Signals"]),
        library("Reporting", ["Systemd", "Signals", logging]),
        library("Exposition", [coreMetrics]),
        library("MetricsServer", [nioCore, nioHTTP1, nioPosix]),
        library(
            "QuellRuntime",
            [
                "Attribution", "Detection", "Enforcement", "Exposition", "HostReaders", "Libvirt", "MetricsServer",
                "Policy", "Reporting", "Sampling", "Signals", "Systemd", "Traces", coreMetrics, lifecycle, unixSignals,
                logging,
            ],
            resources: [.embedInCode("Shipped/default.yaml")]
        ),
        library(
            "Demo",
            ["Attribution", "Detection", "Enforcement", "Policy", "QuellRuntime", "Reporting", "Signals", "Traces"]
        ),
        library("Terminal", ["CKernel"]),
        library("Top", ["Policy", "QuellRuntime", "Signals", "Systemd", "Terminal"]),
        tool("quelld", ["QuellRuntime", "Policy", argumentParser]),
        tool(
            "quell",
            [
                "Demo", "Policy", "QuellRuntime", "Reporting", "Signals", "Systemd", "Terminal", "Top", unixSignals,
                argumentParser,
            ]
        ),

        library("TestSupport", ["Signals"]),
        .target(name: "NVMLStandIn", dependencies: ["CKernel"]),
        .target(name: "NVMLStandInOld", dependencies: ["CKernel"]),
        library("DocCheck", []),
        tool("Evidence", ["DocCheck"]),
        tool(
            "Integration",
            [
                "CKernel", "DocCheck", "Enforcement", "HostReaders", "Libvirt", "Policy", "Proving", "QuellRuntime",
                "Reporting", "Signals", "Traces",
            ]
        ),
        library(
            "FuzzCorpus",
            [
                "Detection", "Enforcement", "Exposition", "HostReaders", "Libvirt", "Policy", "Reporting", "Signals",
                "TestSupport", "Traces",
            ]
        ),
        tool("Fuzz", ["FuzzCorpus"]),
        tool(
            "Matrix",
            [
                "Attribution", "AttributionMatrix", "Policy", "Proving", "QuellRuntime", "Reporting", "Signals",
                "Traces",
            ]
        ),

        tests("Signals"),
        tests("Libvirt", ["CLibvirt"]),
        tests("Systemd", [logging]),
        tests("HostReaders", resources: [.copy("Fixtures")]),
        tests("Sampling", ["HostReaders", "Libvirt"]),
        tests("Detection"),
        tests("Attribution", ["AttributionMatrix", "Detection"]),
        tests("Policy", resources: [.copy("Malformed")]),
        tests("Enforcement", ["Policy"]),
        tests("Traces"),
        tests("Proving"),
        tests("Reporting", ["Systemd", logging]),
        tests(
            "QuellRuntime",
            [
                "AttributionMatrix", "Demo", "Enforcement", "Exposition", "HostReaders", "Libvirt", "Policy",
                "Reporting",
                "Sampling", "Traces",
            ]
        ),
        tests("Exposition", [coreMetrics]),
        tests("MetricsServer", ["Reporting"]),
        tests("Terminal"),
        tests("Top", ["Policy", "QuellRuntime", "Terminal"]),
        tests("Demo", ["QuellRuntime", "Enforcement"]),
        tests("FuzzCorpus", ["HostReaders"]),
        tests("DocCheck"),
    ]
)
