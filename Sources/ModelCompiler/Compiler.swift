import FirmwareModel

/// What the caller chooses about a compilation.
public struct CompilerOptions: Sendable {
  /// The real values of pixel 0 and 255; nil for what the model says.
  public var inputRange: InputRange?
  public var crop: ImageInput.Crop
  /// One label a line.
  public var labels: [String]
  /// Where the model came from, for `inspect`.
  public var source: String
  /// The size from which on what convolutions and depthwise ones hand on to each other exists in strips alone.
  ///
  /// Smaller tensors stay in the second-level cache of the smallest boards (512 KiB, on Cortex-A53) beside the weights
  /// that pass through it, and longer rows suit the kernels.
  public var leastStripBytes: Int

  public init(
    inputRange: InputRange? = nil, crop: ImageInput.Crop = .center, labels: [String] = [],
    source: String = "", leastStripBytes: Int = 128 << 10
  ) {
    self.inputRange = inputRange
    self.crop = crop
    self.labels = labels
    self.source = source
    self.leastStripBytes = leastStripBytes
  }
}

/// Compiles models into `.ocm` files.
public enum Compiler {
  /// Compiles a TFLite model.
  ///
  /// - Parameter bytes: The whole file.
  /// - Returns: The bytes of the `.ocm` file.
  public static func compile(
    tflite bytes: [UInt8], options: CompilerOptions = CompilerOptions()
  ) throws(CompilerError) -> [UInt8] {
    let model = try TFLiteModel(reading: bytes)
    var graph = try TFLiteImporter.graph(of: model)
    graph.optimize(leastStripBytes: options.leastStripBytes)
    let image = try graph.imageInput(options, metadata: model.metadata)
    var labels: [UInt8] = []
    for label in options.labels { labels += Array(label.utf8) + [0x0A] }
    return try graph.emit(
      image: image, labels: labels, provenance: "source: \(options.source)\ncompiler: ocellusc \(version)\n")
  }

  /// The version that is written into models.
  public static let version = "0.1"
}
