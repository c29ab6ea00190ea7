import Kernels

/// A kernel and the shape that it is timed on.
struct BenchCase {
  enum Kernel: CaseIterable {
    case multiplyErrors, multiplyErrorsBySums, multiplyGradient, multiplyWideGradient, multiplyLogits
    case sumChannelProducts, sumWideChannelProducts, spreadChannels, scaleChannels, scaleElements, addErrors
    case sumPatch, sumWidePatch, averageTable
    case largestMagnitude, renormalize, renormalizeStochastically, sumOfSquares, updateNarrow, updateWide

    var name: StaticString {
      switch self {
      case .multiplyErrors: "multiplyErrors"
      case .multiplyErrorsBySums: "multiplyErrorsBySums"
      case .multiplyGradient: "multiplyGradient"
      case .multiplyWideGradient: "multiplyWideGradient"
      case .multiplyLogits: "multiplyLogits"
      case .sumChannelProducts: "sumChannelProducts"
      case .sumWideChannelProducts: "sumWideChannelProducts"
      case .spreadChannels: "spreadChannels"
      case .scaleChannels: "scaleChannels"
      case .scaleElements: "scaleElements"
      case .addErrors: "addErrors"
      case .sumPatch: "sumPatch"
      case .sumWidePatch: "sumWidePatch"
      case .averageTable: "averageTable"
      case .largestMagnitude: "largestMagnitude"
      case .renormalize: "renormalize"
      case .renormalizeStochastically: "renormalize by chance"
      case .sumOfSquares: "sumOfSquares"
      case .updateNarrow: "updateNarrow"
      case .updateWide: "updateWide"
      }
    }
  }

  let kernel: Kernel
  /// Rows, depth and columns of a product; of a gradient outputs, places and inputs. Else rows and channels, of a patch
  /// pixels and channels, or nothing but a count.
  let extents: [Int]

  /// Multiply-accumulates of products, else numbers that are read.
  var operations: Int { extents.reduce(1, *) }

  /// Layers of MobileNets, with 16 images and 1 to 49 patches of each.
  private static let layers = [
    (784, 96, 576), (784, 576, 96), (256, 160, 960), (64, 960, 320), (64, 320, 1280), (16, 1024, 1024),
    (16, 576, 1024),
  ]

  static var all: [BenchCase] {
    var cases: [BenchCase] = []
    for (rows, outputs, inputs) in layers {
      cases.append(BenchCase(kernel: .multiplyErrors, extents: [rows, outputs, inputs]))
    }
    cases.append(BenchCase(kernel: .multiplyErrorsBySums, extents: [64, 160, 160]))
    for (rows, outputs, inputs) in layers {
      cases.append(BenchCase(kernel: .multiplyGradient, extents: [outputs, rows, inputs]))
    }
    cases.append(BenchCase(kernel: .multiplyWideGradient, extents: [96, 64, 96]))
    cases.append(BenchCase(kernel: .multiplyLogits, extents: [16, 1024, 10]))
    cases.append(BenchCase(kernel: .multiplyLogits, extents: [16, 1280, 1000]))
    for kernel: Kernel in [.sumChannelProducts, .spreadChannels, .scaleChannels] {
      cases.append(BenchCase(kernel: kernel, extents: [64, 576]))
    }
    cases.append(BenchCase(kernel: .sumWideChannelProducts, extents: [64, 96]))
    for kernel: Kernel in [.sumPatch, .averageTable] {
      cases.append(BenchCase(kernel: kernel, extents: [1, 576 * 49]))
      cases.append(BenchCase(kernel: kernel, extents: [16, 576]))
    }
    cases.append(BenchCase(kernel: .sumWidePatch, extents: [196, 96]))
    for kernel in Kernel.allCases {
      switch kernel {
      case .scaleElements, .addErrors, .largestMagnitude, .renormalize, .renormalizeStochastically,
        .sumOfSquares:
        cases.append(BenchCase(kernel: kernel, extents: [64 * 576]))
      case .updateNarrow, .updateWide: cases.append(BenchCase(kernel: kernel, extents: [320, 960]))
      default: break
      }
    }
    return cases
  }

  func run(_ kernels: TrainingKernels, _ memory: BenchMemory) {
    switch kernel {
    case .multiplyErrors: kernels.multiplyErrors(errorProduct(memory, memory.bytes))
    case .multiplyErrorsBySums: kernels.multiplyErrorsBySums(errorProduct(memory, memory.inputs))
    case .multiplyGradient: kernels.multiplyGradient(gradientProduct(memory, memory.inputs))
    case .multiplyWideGradient: kernels.multiplyWideGradient(gradientProduct(memory, memory.words))
    case .multiplyLogits:
      kernels.multiplyLogits(
        LogitProduct(
          rows: memory.inputs, rowCount: extents[0], depth: extents[1], weights: memory.bytes,
          columns: extents[2]), memory.sums)
    case .sumChannelProducts: kernels.sumChannelProducts(channelSums(memory, memory.inputs))
    case .sumWideChannelProducts: kernels.sumWideChannelProducts(channelSums(memory, memory.words))
    case .spreadChannels:
      kernels.spreadChannels(
        ChannelSpread(
          errors: memory.errors, errorStride: extents[1], weights: memory.inputs, rowCount: extents[0],
          channels: extents[1], output: memory.sums, outputStride: extents[1]))
    case .scaleChannels:
      _ = kernels.scaleChannels(memory.errors, extents[0], extents[1], memory.words, memory.sums)
    case .scaleElements: _ = kernels.scaleElements(memory.errors, memory.bytes, extents[0], memory.sums)
    case .addErrors:
      _ = kernels.addErrors(
        ErrorSum(
          first: memory.errors, firstShift: 2, second: memory.inputs, secondShift: -1, count: extents[0]),
        memory.sums)
    case .sumPatch: kernels.sumPatch(patch(memory), 3, memory.shorts)
    case .sumWidePatch: kernels.sumWidePatch(patch(memory), 3, memory.sums)
    case .averageTable:
      kernels.averageTable(patch(memory), memory.bytes, Int32((1 << 15) / extents[0]), memory.weights)
    case .largestMagnitude: _ = kernels.largestMagnitude(memory.words, extents[0])
    case .renormalize, .renormalizeStochastically:
      kernels.renormalize(
        memory.words, extents[0],
        Renormalization(
          shift: 9, limit: 2047, isStochastic: kernel == .renormalizeStochastically, key: 5, firstIndex: 7),
        memory.shorts)
    case .sumOfSquares: _ = kernels.sumOfSquares(memory.words, extents[0], 5)
    case .updateNarrow: _ = kernels.updateNarrow(update(memory, memory.narrowMasters))
    case .updateWide: _ = kernels.updateWide(update(memory, memory.wideMasters))
    }
  }

  private func errorProduct<Weight>(
    _ memory: BenchMemory, _ weights: UnsafePointer<Weight>
  ) -> ErrorProduct<Weight> {
    ErrorProduct(
      rows: memory.errors, rowStride: extents[1], rowCount: extents[0], depth: extents[1], weights: weights,
      weightStride: extents[2], columns: extents[2], output: memory.sums, outputStride: extents[2])
  }

  private func gradientProduct<Input>(
    _ memory: BenchMemory, _ inputs: UnsafePointer<Input>
  ) -> GradientProduct<Input> {
    GradientProduct(
      errors: memory.errors, errorStride: extents[0], errorColumns: extents[0], inputs: inputs,
      inputStride: extents[2], inputColumns: extents[2], rowCount: extents[1], output: memory.sums,
      outputStride: extents[2])
  }

  private func channelSums<Input>(
    _ memory: BenchMemory, _ inputs: UnsafePointer<Input>
  ) -> ChannelProductSums<Input> {
    ChannelProductSums(
      errors: memory.errors, errorStride: extents[1], inputs: inputs, inputStride: extents[1],
      rowCount: extents[0], channels: extents[1], output: memory.sums)
  }

  /// A row of pixels.
  private func patch(_ memory: BenchMemory) -> Patch {
    Patch(
      input: memory.bytes, rowCount: 1, rowStride: 0, columnCount: extents[0], channels: extents[1])
  }

  private func update<Master>(
    _ memory: BenchMemory, _ masters: UnsafeMutablePointer<Master>
  ) -> ParameterUpdate<Master> {
    ParameterUpdate(
      gradient: memory.words, momentum: memory.shorts, masters: masters, weights: memory.weights,
      rowCount: extents[0], columns: extents[1], units: memory.units,
      normalization: GradientNormalization(multiplier: 1_500_000_000, shift: 37), stepSize: 655, key: 9,
      firstIndex: 0)
  }
}

/// Numbers for all cases, and room for what they come to; its own until the program ends.
struct BenchMemory {
  private static let count = 1280 * 1024

  /// Within ±2047; no zeros, which the definitions pass over.
  let errors: UnsafeMutablePointer<Int16>
  /// Within ±255.
  let inputs: UnsafeMutablePointer<Int16>
  let bytes: UnsafeMutablePointer<Int8>
  /// Within ±2^17.
  let words: UnsafeMutablePointer<Int32>
  let units: UnsafeMutablePointer<Int32>
  let sums: UnsafeMutablePointer<Int32>
  let shorts: UnsafeMutablePointer<Int16>
  let weights: UnsafeMutablePointer<Int8>
  let narrowMasters: UnsafeMutablePointer<Int16>
  let wideMasters: UnsafeMutablePointer<Int32>

  init() {
    func allocate<Element>(_ element: (UInt32) -> Element) -> UnsafeMutablePointer<Element> {
      let bytes = UnsafeMutableRawPointer.allocate(
        byteCount: BenchMemory.count * MemoryLayout<Element>.stride, alignment: 64)
      let pointer = bytes.bindMemory(to: Element.self, capacity: BenchMemory.count)
      var state: UInt32 = 1
      for index in 0..<BenchMemory.count {
        state = state &* 1_664_525 &+ 1_013_904_223
        (pointer + index).initialize(to: element(state >> 8))
      }
      return pointer
    }
    errors = allocate { Int16(truncatingIfNeeded: Int32($0 % 4094) - 2047) | 1 }
    inputs = allocate { Int16(truncatingIfNeeded: Int32($0 % 511) - 255) }
    bytes = allocate { Int8(truncatingIfNeeded: Int32($0 % 255) - 127) }
    words = allocate { Int32($0 % (1 << 18)) - 1 << 17 }
    units = allocate { _ in 30 }
    sums = allocate { _ in 0 }
    shorts = allocate { _ in 0 }
    weights = allocate { _ in 0 }
    narrowMasters = allocate { Int16(truncatingIfNeeded: $0) / 2 }
    wideMasters = allocate { Int32(truncatingIfNeeded: $0) / 4 }
  }
}
