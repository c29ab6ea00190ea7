import FirmwareModel

/// Why a model can't be taught.
public enum TrainingError: Error, Equatable {
  /// It has several inputs or outputs.
  case severalBorders
  /// Its output is no row of int8 that classes could be made of.
  case noFeatures
  /// A part of it would be larger than a file can be.
  case tooLarge
}

/// A model that can be taught classes of its user's.
public struct TrainableModel {
  let path: ErrorPath
  private let cuts: [Int]

  /// - Parameter model: One that an interpreter accepts.
  public init(_ model: FirmwareModel) throws(TrainingError) {
    guard model.inputs.count == 1, model.outputs.count == 1 else { throw .severalBorders }
    guard let path = ErrorPath(ModelGraph(model)) else { throw .noFeatures }
    self.path = path
    cuts = path.cuts()
  }

  public var model: FirmwareModel { path.graph.model }
  /// How many blocks can learn besides what comes after them; nil where nothing can but the classes.
  public var mostBlocks: Int? { cuts.isEmpty ? nil : cuts.count - 1 }
  /// Whether the model tells classes apart already.
  public var hasClasses: Bool { path.classifier != nil }
  public var featureCount: Int { model.tensors[path.features].shape.count }

  /// The first operator of what learns.
  ///
  /// - Parameter blocks: At most `mostBlocks`; nil for the classes alone.
  func cut(blocks: Int?) -> Int { blocks.map { cuts[$0] } ?? path.end }

  /// Bytes that are kept of each photograph: what the frozen part gives.
  public func featureBytes(blocks: Int?) -> Int {
    model.tensors[path.graph.crossing(cut(blocks: blocks))[0]].byteCount
  }

  /// The part that stays as it is, as a model.
  public func frozenPart(blocks: Int?) throws(TrainingError) -> [UInt8] {
    guard let file = ModelPart.first(path.graph, cut: cut(blocks: blocks)) else { throw .tooLarge }
    return file
  }

  /// The part that learns, from what the other gives to the features, as a model.
  ///
  /// - Parameter isSymmetric: Whether its weights are rewritten so that they can learn.
  public func tail(blocks: Int?, isSymmetric: Bool) throws(TrainingError) -> [UInt8] {
    let file = ModelPart.tail(path, cut: cut(blocks: blocks), isSymmetric: isSymmetric)
    guard let file else { throw .tooLarge }
    return file
  }

  /// Whether weights of what learns have to be rewritten first.
  public func needsRewriting(blocks: Int?) -> Bool {
    for index in cut(blocks: blocks)..<path.end where path.passages[index] == .weights {
      if !WeightedLayer(path.graph, path.graph.nodes[index]).isSymmetric { return true }
    }
    return false
  }
}
