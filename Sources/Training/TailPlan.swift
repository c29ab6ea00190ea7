import FirmwareModel
import Kernels

/// The memory that a tail needs to be trained, known before any of it is allocated.
struct TailPlan<Master: MasterWeight> {
  let network: TailNetwork
  let options: TrainingOptions
  let classes: Int
  /// Masters, momenta, biases: what a checkpoint holds.
  private(set) var stateBytes = 0
  /// What forward passes leave for the backward pass.
  private(set) var savedBytes = 0
  private(set) var workspace = WorkspaceSize()
  /// All of it.
  private(set) var byteCount = 0

  /// - Parameter options: The mini-batch is made smaller where sums would not be proved to fit.
  init(_ network: TailNetwork, classes: Int, _ options: TrainingOptions) {
    var options = options
    options.batch = min(options.batch, Head<Master>.largestBatch)
    for layer in network.layers {
      let pixels = max(layer.inputGrid.pixels, layer.outputGrid.pixels)
      options.batch = max(1, min(options.batch, options.format.largestPixelCount / pixels))
    }
    self.network = network
    self.options = options
    self.classes = classes
    count()
  }

  func stateBytes(of layer: TailNetwork.Layer) -> Int {
    TrainableConvolution<Master>.byteCount(layer.shape, ownsWeights: layer.shape.isDepthwise)
  }

  private mutating func count() {
    let images = options.batch
    var others = 0
    stateBytes = Head<Master>.byteCount(features: network.featureCount, classes: classes)
    workspace = Head<Master>.workspaceSize(features: network.featureCount, classes: classes, images: images)
    for layer in network.layers {
      stateBytes += stateBytes(of: layer)
      others += WeightScales.byteCount(count: layer.shape.outputChannels)
      savedBytes += PatchSums.byteCount(
        images: images, grid: layer.inputGrid, channels: layer.shape.inputChannels)
      workspace.formUnion(
        ConvolutionBackward.workspaceSize(
          layer.shape, inputGrid: layer.inputGrid, outputGrid: layer.outputGrid, images: images))
    }
    for activation in network.activations {
      others += alignedBytes(256, of: Int8.self)
      let count = images * activation.grid.count * activation.channels
      savedBytes += alignedBytes(count, of: Int8.self)
      workspace.formUnion(WorkspaceSize(accumulators: count))
    }
    for gate in network.gates {
      others += alignedBytes(256, of: UInt8.self)
      savedBytes += alignedBytes(images * gate.channels, of: UInt8.self)
      workspace.formUnion(
        SqueezeExciteBackward(grid: gate.grid, channels: gate.channels).workspaceSize(images: images))
    }
    for mean in network.means {
      workspace.formUnion(
        PoolBackward(grid: mean.grid, channels: mean.channels).workspaceSize(images: images))
    }
    for capacity in network.rooms.capacities {
      others += alignedBytes(images * capacity, of: Int16.self)
      workspace.formUnion(WorkspaceSize(accumulators: images * capacity))
    }
    others += alignedBytes(images * network.featureCount, of: Int8.self)
    others += alignedBytes(images * classes, of: Int32.self) + alignedBytes(images, of: Int32.self)
    byteCount = stateBytes + savedBytes + others + workspace.byteCount
  }
}
