// swift-tools-version: 6.2
import PackageDescription

/// What every target is built with: the Swift 6 language mode, and warnings as errors.
let common: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// The pure floor: no socket, clock or thread, and every unsafe expression marked.
let pure: [SwiftSetting] = common + [.strictMemorySafety()]

/// Our own C.
let floor: [CSetting] = [
    .define("_GNU_SOURCE"), .enableWarning("all"), .enableWarning("extra"), .treatAllWarnings(as: .error),
]

let package = Package(
    name: "tsrelay",
    products: [
        .executable(name: "tsrelay", targets: ["tsrelay"]),
        // For tests alone, which preload it into a node.
        .library(name: "CallCounter", type: .dynamic, targets: ["CCallCounter"]),
        .library(name: "FaultInjector", type: .dynamic, targets: ["CFaultInjector"]),
        .executable(name: "tsbench", targets: ["tsbench"]),
        .executable(name: "tsfuzz", targets: ["tsfuzz"]),
    ],
    targets: [
        // C libraries.
        .systemLibrary(name: "CUV", pkgConfig: "libuv", providers: [.apt(["libuv1-dev"]), .brew(["libuv"])]),
        .systemLibrary(
            name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),

        // Pure floor.
        .target(name: "Crypto", dependencies: ["CCrypto"], swiftSettings: pure),
        .target(name: "TransportStream", swiftSettings: pure),
        .target(name: "Fanout", dependencies: ["TransportStream"], swiftSettings: pure),
        .target(name: "HTTP1", dependencies: ["Crypto"], swiftSettings: pure),
        .target(name: "WebSocket", dependencies: ["Crypto"], swiftSettings: pure),
        .target(name: "Configuration", swiftSettings: pure),
        .target(name: "Telemetry", swiftSettings: pure),

        // Loops and connections.
        .target(name: "LoopIO", dependencies: ["CUV"], swiftSettings: common),
        .target(
            name: "HTTPServer", dependencies: ["LoopIO", "HTTP1", "WebSocket"], swiftSettings: common),

        // Streams and the four services.
        .target(
            name: "Streaming",
            dependencies: ["LoopIO", "Fanout", "TransportStream", "Configuration", "Telemetry"],
            swiftSettings: common),
        .target(
            name: "Ingest",
            dependencies: [
                "Streaming", "HTTPServer", "LoopIO", "HTTP1", "TransportStream", "Configuration", "Crypto", "Telemetry",
            ],
            swiftSettings: common),
        .target(
            name: "Delivery",
            dependencies: [
                "Streaming", "HTTPServer", "LoopIO", "HTTP1", "WebSocket", "Fanout", "TransportStream", "Configuration",
                "Telemetry",
            ],
            resources: [.embedInCode("Page")],
            swiftSettings: common),
        .target(
            name: "Peering",
            dependencies: ["Streaming", "LoopIO", "Fanout", "Configuration", "Telemetry"],
            swiftSettings: common),
        .target(
            name: "Control",
            dependencies: [
                "Streaming", "HTTPServer", "LoopIO", "HTTP1", "TransportStream", "Configuration", "Telemetry",
            ],
            swiftSettings: common),

        // Composition root and command line.
        .target(
            name: "Node",
            dependencies: [
                "Ingest", "Delivery", "Peering", "Control", "Streaming", "HTTPServer", "LoopIO", "Configuration",
                "Telemetry",
            ],
            swiftSettings: common),
        .executableTarget(
            name: "tsrelay", dependencies: ["Node", "Configuration", "Telemetry", "LoopIO"], swiftSettings: common),

        // For conformance suites: the node's own WebSocket layer, echoing. Installed nowhere.
        .executableTarget(
            name: "ws-echo", dependencies: ["HTTPServer", "LoopIO", "HTTP1", "WebSocket"], swiftSettings: common),

        // Measuring: the least server there can be, in C, and the tool that holds others against it.
        .target(name: "CLimit", dependencies: ["CCrypto"], cSettings: floor),
        .target(
            name: "Bench", dependencies: ["LoopIO", "CLimit", "Crypto", "TransportStream", "HTTP1", "WebSocket"],
            swiftSettings: common),
        .executableTarget(name: "tsbench", dependencies: ["Bench", "LoopIO"], swiftSettings: common),

        // Fuzzing: the table of targets, and the tool that runs one, alone or under libFuzzer. Neither is installed.
        .target(
            name: "Fuzzing",
            dependencies: [
                "HTTPServer", "LoopIO", "HTTP1", "WebSocket", "Fanout", "TransportStream", "Configuration", "Crypto",
            ],
            swiftSettings: common),
        .executableTarget(name: "tsfuzz", dependencies: ["Fuzzing", "LoopIO"], swiftSettings: common),

        // Tests.
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: common),
        .target(name: "CCallCounter", path: "Tests/CCallCounter", cSettings: [.treatAllWarnings(as: .error)]),
        .target(name: "CFaultInjector", path: "Tests/CFaultInjector", cSettings: floor),
        // Oracles: what our parsers are compared with, never linked into the node.
        .systemLibrary(name: "CHTTPParser", path: "Tests/CHTTPParser", providers: [.apt(["libhttp-parser-dev"])]),
        .systemLibrary(name: "CWslay", path: "Tests/CWslay", providers: [.apt(["libwslay-dev"])]),
        .testTarget(name: "CryptoTests", dependencies: ["Crypto", "TestSupport"], swiftSettings: common),
        .testTarget(
            name: "TransportStreamTests", dependencies: ["TransportStream", "TestSupport"], swiftSettings: common),
        .testTarget(
            name: "FanoutTests", dependencies: ["Fanout", "TransportStream", "TestSupport"], swiftSettings: common),
        .testTarget(name: "HTTP1Tests", dependencies: ["HTTP1", "CHTTPParser", "TestSupport"], swiftSettings: common),
        .testTarget(
            name: "WebSocketTests", dependencies: ["WebSocket", "CWslay", "TestSupport"], swiftSettings: common),
        // A second opinion on INI files, for tests alone.
        .systemLibrary(
            name: "CInih", path: "Tests/CInih", providers: [.apt(["libinih-dev"]), .brew(["inih"])]),
        .testTarget(
            name: "ConfigurationTests", dependencies: ["Configuration", "CInih", "TestSupport"], exclude: ["Broken"],
            swiftSettings: common),
        .testTarget(name: "TelemetryTests", dependencies: ["Telemetry", "TestSupport"], swiftSettings: common),
        .testTarget(name: "LoopIOTests", dependencies: ["LoopIO", "TestSupport"], swiftSettings: common),
        .testTarget(
            name: "HTTPServerTests", dependencies: ["HTTPServer", "LoopIO", "HTTP1", "WebSocket", "TestSupport"],
            swiftSettings: common),
        .testTarget(
            name: "FuzzTests", dependencies: ["Fuzzing", "TestSupport"], exclude: ["Dictionaries", "Seeds"],
            swiftSettings: common),
        .testTarget(
            name: "StreamingTests",
            dependencies: [
                "Streaming", "LoopIO", "Fanout", "TransportStream", "Configuration", "Telemetry", "TestSupport",
            ],
            swiftSettings: common),
        .target(
            name: "ServiceSupport",
            dependencies: ["Streaming", "Fanout", "LoopIO", "Configuration", "Telemetry", "TestSupport"],
            path: "Tests/ServiceSupport", swiftSettings: common),
        .testTarget(
            name: "IngestTests",
            dependencies: [
                "Ingest", "Streaming", "HTTPServer", "LoopIO", "HTTP1", "Configuration", "Telemetry", "ServiceSupport",
                "TestSupport",
            ],
            swiftSettings: common),
        .testTarget(
            name: "DeliveryTests",
            dependencies: [
                "Delivery", "Streaming", "HTTPServer", "LoopIO", "HTTP1", "Fanout", "Configuration", "Telemetry",
                "ServiceSupport",
                "TestSupport",
            ],
            swiftSettings: common),
        .testTarget(
            name: "PeeringTests",
            dependencies: [
                "Peering", "Streaming", "LoopIO", "Configuration", "Telemetry", "ServiceSupport", "TestSupport",
            ],
            swiftSettings: common),
        .testTarget(
            name: "ControlTests",
            dependencies: [
                "Control", "Streaming", "HTTPServer", "LoopIO", "HTTP1", "Configuration", "Telemetry", "ServiceSupport",
                "TestSupport",
            ],
            swiftSettings: common),
        .testTarget(
            name: "LimitsTests",
            dependencies: [
                "Node", "Ingest", "Delivery", "Peering", "Streaming", "HTTPServer", "LoopIO", "HTTP1", "Fanout",
                "TransportStream", "Configuration", "Telemetry", "TestSupport",
            ],
            swiftSettings: common),
        .testTarget(
            name: "BenchTests",
            dependencies: [
                "Bench", "CLimit", "LoopIO", "HTTP1", "WebSocket", "TransportStream", "TestSupport", "tsbench",
                "tsrelay",
            ],
            swiftSettings: common),
        .testTarget(
            name: "EndToEndTests", dependencies: ["TestSupport", "tsrelay", "tsbench", "ws-echo"], swiftSettings: common
        ),
    ]
)
