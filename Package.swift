// swift-tools-version: 6.2
// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

/// Settings of the targets that touch C: everything strict but memory safety, which every C call would trip.
let border: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]
/// Settings of all other targets.
let strict: [SwiftSetting] = border + [.strictMemorySafety()]

/// Lets a type borrow bytes (`ByteReader`) or lend them (`MappedFile`).
let lifetimes = SwiftSetting.enableExperimentalFeature("Lifetimes")

let package = Package(
    name: "vantage",
    products: [.executable(name: "vantage", targets: ["vantage"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
    ],
    targets: [
        // C libraries: module maps, and the one C++ shim.
        .systemLibrary(name: "CMeshoptimizer", providers: [.apt(["libmeshoptimizer-dev"])]),
        .systemLibrary(name: "CTurboJPEG", pkgConfig: "libturbojpeg", providers: [.apt(["libturbojpeg0-dev"])]),
        .systemLibrary(name: "CSPNG", pkgConfig: "spng", providers: [.apt(["libspng-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(
            name: "CWebSockets", pkgConfig: "libwebsockets", providers: [.apt(["libwebsockets-dev"])]),
        // Headers only: the library is opened when the program runs.
        .systemLibrary(name: "CVulkan", providers: [.apt(["libvulkan-dev"])]),
        .target(name: "CLinux"),
        .target(name: "CDraco", linkerSettings: [.linkedLibrary(":libdraco.a"), .linkedLibrary("stdc++")]),

        // Core: no Foundation, no C, no threads.
        .target(
            name: "StreamCore", exclude: ["Wire/schema.json", "Wire/PROTOCOL.md"],
            swiftSettings: strict + [lifetimes]),

        // Wrappers: C types end here.
        .target(name: "MeshProcessing", dependencies: ["CMeshoptimizer", "StreamCore"], swiftSettings: border),
        .target(name: "DracoCoding", dependencies: ["CDraco"], swiftSettings: border),
        .target(name: "ImageCoding", dependencies: ["CTurboJPEG", "CSPNG"], swiftSettings: border),
        .target(name: "ByteCoding", dependencies: ["CZlib", "CCrypto"], swiftSettings: border),
        .target(
            name: "FileMapping", dependencies: ["CLinux"],
            swiftSettings: border + [lifetimes]),
        .target(name: "Transport", dependencies: ["CWebSockets"], swiftSettings: border + [lifetimes]),
        .target(name: "GPU", dependencies: ["CVulkan"], swiftSettings: border),
        .target(name: "Sockets", dependencies: ["CLinux"], swiftSettings: border),
        .target(name: "Processes", dependencies: ["CLinux"], swiftSettings: border),

        // Engines, left to right.
        .target(name: "JSONCoding", swiftSettings: strict),
        .target(
            name: "ModelImport", dependencies: ["StreamCore", "MeshProcessing", "DracoCoding", "FileMapping"],
            swiftSettings: strict),
        .target(
            name: "ChunkCoding", dependencies: ["StreamCore", "DracoCoding", "ByteCoding"], swiftSettings: strict),
        .target(
            name: "ModelStorage",
            dependencies: ["StreamCore", "ByteCoding", "FileMapping", "JSONCoding", "ChunkCoding"],
            exclude: ["FORMAT.md"], swiftSettings: strict + [lifetimes]),
        .target(
            name: "Inspection",
            dependencies: ["StreamCore", "MeshProcessing", "ImageCoding", "ChunkCoding", "ModelStorage"],
            swiftSettings: strict),
        .target(
            name: "TilesetBuilding",
            dependencies: [
                "StreamCore", "MeshProcessing", "DracoCoding", "ImageCoding", "ByteCoding", "FileMapping",
                "ModelImport", "ChunkCoding", "ModelStorage", "Inspection",
            ],
            swiftSettings: strict),
        .target(
            name: "ChunkStreaming", dependencies: ["StreamCore", "ChunkCoding", "ModelStorage"],
            swiftSettings: strict),
        .target(
            name: "Rendering",
            dependencies: ["StreamCore", "ImageCoding", "GPU", "ChunkCoding", "ModelStorage", "ChunkStreaming"],
            swiftSettings: strict, plugins: ["BuildShaders"]),
        .plugin(name: "BuildShaders", capability: .buildTool(), path: "tools/BuildShaders"),
        .target(name: "FrameStreaming", dependencies: ["StreamCore"], swiftSettings: strict),
        .target(name: "PathNegotiation", swiftSettings: strict),
        .target(
            name: "StreamMeasuring",
            dependencies: [
                "StreamCore", "MeshProcessing", "DracoCoding", "ChunkCoding", "ModelStorage", "ChunkStreaming",
            ],
            swiftSettings: strict),
        .target(
            name: "Benchmarking",
            dependencies: [
                "StreamCore", "ByteCoding", "ImageCoding", "Sockets", "GPU", "ChunkCoding", "ModelStorage",
                "ChunkStreaming", "Rendering", "StreamMeasuring",
            ],
            resources: [.copy("Resources/Paths")], swiftSettings: strict),
        .target(name: "SampleModels", dependencies: ["StreamCore", "FileMapping"], swiftSettings: strict),

        // Service.
        .target(name: "Viewer", resources: [.copy("web")], swiftSettings: strict, plugins: ["BuildViewer"]),
        .plugin(name: "BuildViewer", capability: .buildTool(), path: "tools/BuildViewer"),
        .target(
            name: "StreamService",
            dependencies: [
                "StreamCore", "ByteCoding", "FileMapping", "Transport", "Processes", "JSONCoding", "ModelImport",
                "ModelStorage",
                "TilesetBuilding", "ImageCoding", "GPU", "ChunkStreaming", "Rendering", "FrameStreaming",
                "PathNegotiation", "Viewer",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict + [lifetimes]),

        // Programs.
        .executableTarget(name: "schemagen", swiftSettings: strict),
        .executableTarget(
            name: "vantage",
            dependencies: [
                "StreamCore", "ImageCoding", "FileMapping", "Processes", "ModelImport", "ChunkCoding", "ModelStorage",
                "Inspection", "TilesetBuilding", "SampleModels", "ChunkStreaming", "StreamMeasuring", "Benchmarking",
                "StreamService",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),

        // Tests.
        .testTarget(name: "LayeringTests"),
        .testTarget(
            name: "ModelImportTests",
            dependencies: ["ModelImport", "StreamCore", "FileMapping", "DracoCoding", "MeshProcessing", "TestSupport"],
            swiftSettings: border),
        .testTarget(name: "JSONCodingTests", dependencies: ["JSONCoding", "TestSupport"], swiftSettings: border),
        .testTarget(name: "ImageCodingTests", dependencies: ["ImageCoding", "TestSupport"], swiftSettings: border),
        .testTarget(
            name: "RasterizerTests", dependencies: ["MeshProcessing", "StreamCore", "TestSupport"],
            swiftSettings: border),
        .testTarget(
            name: "TextureTests",
            dependencies: ["TilesetBuilding", "ImageCoding", "MeshProcessing", "StreamCore"], swiftSettings: border),
        .testTarget(name: "SampleModelsTests", dependencies: ["SampleModels", "FileMapping"], swiftSettings: border),
        .target(
            name: "TestSupport", dependencies: ["StreamCore", "ChunkCoding"], path: "Tests/TestSupport",
            swiftSettings: border),
        .testTarget(
            name: "StreamCoreTests",
            dependencies: [
                "StreamCore", "FileMapping", "ModelImport", "ModelStorage", "TilesetBuilding", "TestSupport",
            ], swiftSettings: border),
        .testTarget(
            name: "ChunkCodingTests", dependencies: ["ChunkCoding", "StreamCore", "DracoCoding", "TestSupport"],
            swiftSettings: border),
        .testTarget(
            name: "ModelStorageTests",
            dependencies: ["ModelStorage", "ChunkCoding", "StreamCore", "ByteCoding", "TestSupport"],
            swiftSettings: border),
        .testTarget(name: "ProcessesTests", dependencies: ["Processes"], swiftSettings: border),
        .testTarget(name: "FileMappingTests", dependencies: ["FileMapping", "TestSupport"], swiftSettings: border),
        .testTarget(
            name: "CodingTests", dependencies: ["ByteCoding", "DracoCoding", "StreamCore", "TestSupport"],
            swiftSettings: border),
        .testTarget(
            name: "MeshProcessingTests", dependencies: ["MeshProcessing", "StreamCore", "TestSupport"],
            swiftSettings: border),
        .testTarget(
            name: "TilesetBuildingTests",
            dependencies: [
                "TilesetBuilding", "Inspection", "ModelStorage", "ModelImport", "ChunkCoding", "FileMapping",
                "ImageCoding", "StreamCore", "TestSupport",
            ], swiftSettings: border),
        .testTarget(
            name: "InspectionTests",
            dependencies: [
                "Inspection", "TilesetBuilding", "ModelStorage", "ModelImport", "ChunkCoding", "ByteCoding",
                "FileMapping", "ImageCoding", "StreamCore",
            ], swiftSettings: border),
        .testTarget(name: "GPUTests", dependencies: ["GPU", "TestSupport"], swiftSettings: border),
        .testTarget(name: "WireTests", dependencies: ["StreamCore", "TestSupport"], swiftSettings: border),
        .testTarget(name: "TransportTests", dependencies: ["Transport", "TestSupport"], swiftSettings: border),
        .testTarget(
            name: "ChunkStreamingTests",
            dependencies: [
                "ChunkStreaming", "StreamCore", "ChunkCoding", "ModelStorage", "ModelImport", "TilesetBuilding",
                "FileMapping", "TestSupport",
            ], swiftSettings: border),
        .testTarget(
            name: "FrameStreamingTests", dependencies: ["FrameStreaming", "StreamCore"], swiftSettings: border),
        .testTarget(name: "PathNegotiationTests", dependencies: ["PathNegotiation"], swiftSettings: border),
        .testTarget(
            name: "RenderingTests",
            dependencies: [
                "Rendering", "GPU", "CTurboJPEG", "ChunkStreaming", "StreamCore", "ChunkCoding", "ModelStorage",
                "ModelImport",
                "TilesetBuilding", "ByteCoding", "FileMapping", "ImageCoding", "TestSupport", "Inspection",
                "StreamService",
            ], swiftSettings: border),
        .testTarget(
            name: "StreamServiceTests",
            dependencies: [
                "StreamService", "StreamCore", "Transport", "GPU", "ImageCoding", "JSONCoding", "ChunkStreaming",
                "PathNegotiation",
                "ModelStorage", "ModelImport",
                "TilesetBuilding", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: border),
        .testTarget(
            name: "BenchmarkingTests",
            dependencies: [
                "Benchmarking", "Sockets", "Transport", "ImageCoding", "StreamService", "StreamCore", "ChunkStreaming",
                "ModelStorage", "ModelImport", "TilesetBuilding", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: border),
        .testTarget(name: "EndToEndTests", dependencies: ["vantage", "TestSupport"], swiftSettings: border),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
