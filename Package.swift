// swift-tools-version: 6.2
import PackageDescription

// The instruction sets that this build may use beyond the architecture's baseline, as
// `boards/<board>/board.mk` lists them and the Makefile passes them on. Without the variable the build is
// baseline only: it works everywhere, slower.
let instructionSets = (Context.environment["OCELLUS_INSTRUCTION_SETS"] ?? "").split(separator: " ")

/// A build under AddressSanitizer, which watches the heap.
let isFuzzing = Context.environment["OCELLUS_FUZZ"] != nil

/// Feature flags belong to a whole module: each instruction set has one of its own, and nothing else gets flags.
func instructionSet(_ name: String, clang flags: [String]) -> [SwiftSetting] {
  guard instructionSets.contains(where: { $0 == name }) else { return [] }
  return [
    .define("INSTRUCTION_SET_ENABLED"),
    .unsafeFlags(flags.flatMap { ["-Xcc", $0] }),
  ]
}

/// Kernels index raw memory whose bounds were proved when the model was loaded.
let kernelSettings: [SwiftSetting] = [.unsafeFlags(["-Ounchecked"], .when(configuration: .release))]

/// What runs once for a frame, or for a command: a board's program is short of space before it is short of time.
let smallSettings: [SwiftSetting] = [.unsafeFlags(["-Osize"], .when(configuration: .release))]

let package = Package(
  name: "ocellus",
  products: [
    .executable(name: "ocellus", targets: ["ocellus"]),
    .executable(name: "ocellusc", targets: ["ocellusc"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // Headers only; CJPEG also holds the C that catches libjpeg's longjmp.
    .target(name: "CIntrinsics"),
    .target(name: "CLinux"),
    .target(name: "CJPEG", linkerSettings: [.linkedLibrary("jpeg")]),
    .target(name: "CV4L", linkerSettings: [.linkedLibrary("v4lconvert"), .linkedLibrary("m")]),

    // The board set: integers only, ordinary Swift and Embedded Swift alike.
    .target(name: "FixedPoint"),
    .target(
      name: "Platform", dependencies: ["CLinux"],
      swiftSettings: isFuzzing ? [.define("HEAP_PAGES")] : []),
    .target(name: "Kernels", dependencies: ["FixedPoint"], swiftSettings: kernelSettings),
    .target(
      name: "KernelsAVX2", dependencies: ["CIntrinsics", "FixedPoint", "Kernels"],
      swiftSettings: kernelSettings + instructionSet("avx2", clang: ["-mavx2"])),
    .target(
      name: "KernelsAVX512", dependencies: ["CIntrinsics", "FixedPoint", "Kernels", "KernelsAVX2"],
      swiftSettings: kernelSettings
        + instructionSet(
          "avx512",
          clang: [
            "-mavx512f", "-mavx512bw", "-mavx512cd", "-mavx512dq", "-mavx512vl", "-mavx512vnni",
            "-mavx512vbmi",
          ])),
    .target(
      name: "KernelsNEON", dependencies: ["CIntrinsics", "FixedPoint", "Kernels"],
      swiftSettings: kernelSettings + instructionSet("neon", clang: [])),
    .target(
      name: "KernelsDotprod", dependencies: ["CIntrinsics", "FixedPoint", "Kernels", "KernelsNEON"],
      swiftSettings: kernelSettings + instructionSet("dotprod", clang: ["-march=armv8-a+dotprod"])),
    .target(name: "FirmwareModel", dependencies: ["CIntrinsics", "Platform"]),
    .target(
      name: "Runtime",
      dependencies: [
        "FixedPoint", "Kernels", "KernelsAVX2", "KernelsAVX512", "KernelsNEON", "KernelsDotprod",
        "FirmwareModel", "Platform",
      ]),
    .target(name: "Imaging", dependencies: ["CJPEG", "FirmwareModel", "Kernels", "Platform"]),
    .target(
      name: "Camera", dependencies: ["CLinux", "CV4L", "FirmwareModel", "Imaging", "Kernels", "Platform"],
      swiftSettings: smallSettings),
    .target(
      name: "Training", dependencies: ["FirmwareModel", "FixedPoint", "Kernels", "Platform", "Runtime"],
      swiftSettings: smallSettings),
    .executableTarget(
      name: "ocellus",
      // All that it imports: of what is not named here SwiftPM does not see that it has changed.
      dependencies: [
        "CLinux", "Camera", "FirmwareModel", "Imaging", "Kernels", "Platform", "Runtime", "Training",
      ],
      swiftSettings: smallSettings),

    // The host's compiler; floating point is allowed from here on.
    .target(name: "ModelCompiler", dependencies: ["FixedPoint", "FirmwareModel", "Kernels", "Runtime"]),
    .executableTarget(
      name: "ocellusc",
      dependencies: [
        "FirmwareModel", "ModelCompiler", "Platform",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // Tests and their tools.
    // TestSupport, KernelChecks and the board's runner are of the board set's kind: they run on boards too.
    .target(
      name: "TestSupport", dependencies: ["FirmwareModel", "Imaging", "Kernels", "Platform", "Runtime"],
      path: "Tests/TestSupport"),
    .target(
      name: "HostTestSupport", dependencies: ["FirmwareModel", "ModelCompiler", "TestSupport"],
      path: "Tests/HostTestSupport"),
    .target(
      name: "KernelChecks", dependencies: ["FixedPoint", "Kernels", "Runtime"], path: "Tests/KernelChecks"),
    .executableTarget(
      name: "board-runner", dependencies: ["CLinux", "KernelChecks", "Platform", "Runtime", "TestSupport"],
      path: "Tests/BoardRunner"),
    .executableTarget(
      name: "frame-bench",
      dependencies: ["CLinux", "FirmwareModel", "Imaging", "Kernels", "Platform", "Runtime"],
      path: "Tests/FrameBench"),
    .executableTarget(
      name: "training-bench", dependencies: ["CLinux", "Kernels", "Platform", "Runtime"],
      path: "Tests/TrainingBench"),
    .executableTarget(
      name: "board-cases", dependencies: ["HostTestSupport", "ModelCompiler", "Runtime", "TestSupport"],
      path: "Tests/BoardCases"),
    .target(
      name: "ScriptedCamera", dependencies: ["CV4L", "Camera", "Platform"], path: "Tests/ScriptedCamera"),
    .executableTarget(
      name: "camera-soak",
      dependencies: [
        "Camera", "FirmwareModel", "Imaging", "Kernels", "Platform", "Runtime", "ScriptedCamera",
      ],
      path: "Tests/CameraSoak"),
    .executableTarget(
      name: "training-export", dependencies: ["FirmwareModel", "Imaging", "Kernels", "Runtime", "Training"],
      path: "Tests/TrainingExport"),
    .executableTarget(
      name: "conformance",
      dependencies: ["FirmwareModel", "HostTestSupport", "ModelCompiler", "Runtime", "TestSupport"],
      path: "Tests/ConformanceRunner"),
    .executableTarget(
      name: "fuzz",
      dependencies: ["HostTestSupport", "ModelCompiler", "TestSupport"], path: "Tests/Fuzz"),
    .testTarget(name: "FixedPointTests", dependencies: ["FixedPoint", "TestSupport"]),
    .testTarget(
      name: "FirmwareModelTests",
      dependencies: ["FirmwareModel", "HostTestSupport", "ModelCompiler", "TestSupport"]),
    .testTarget(
      name: "ModelCompilerTests", dependencies: ["HostTestSupport", "ModelCompiler", "TestSupport"]),
    .testTarget(
      name: "ConformanceTests",
      dependencies: ["FirmwareModel", "HostTestSupport", "ModelCompiler", "Runtime", "TestSupport"]),
    .testTarget(
      name: "ImagingTests",
      dependencies: ["FirmwareModel", "HostTestSupport", "Imaging", "Kernels", "Runtime"],
      exclude: ["make_vectors.py", "Vectors"]),
    .testTarget(
      name: "CameraTests",
      dependencies: [
        "CV4L", "Camera", "FirmwareModel", "HostTestSupport", "Imaging", "Kernels", "Platform", "Runtime",
        "ScriptedCamera",
      ]),
    .testTarget(
      name: "TrainingTests",
      dependencies: [
        "FirmwareModel", "FixedPoint", "HostTestSupport", "Kernels", "Platform", "Runtime", "TestSupport",
        "Training",
      ],
      exclude: ["Vectors"]),
    .testTarget(name: "KernelsTests", dependencies: ["KernelChecks"]),
  ]
)
