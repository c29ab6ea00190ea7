import FixedPoint
import Kernels

@testable import Training

/// The toy network's squeeze-and-excite, frozen.
struct ToySqueezeExcite {
  private let squeeze: ToyConvolution
  private let excite: ToyConvolution
  private let gateTable: [Int8]
  private let multiplier: QuantizedMultiplier
  private let inputZero: Int32
  private let outputZero: Int32
  private let memory: TestMemory
  private let frozenSqueeze: UnsafeMutablePointer<Int8>
  private let frozenExcite: UnsafeMutablePointer<Int8>
  private let savedMemory: TestMemory
  private let gates: UnsafeMutablePointer<UInt8>
  private let hidden: UnsafeMutablePointer<Int8>
  private let excited: UnsafeMutablePointer<Int8>
  private let inputs: PatchSums
  private let isFull: Bool
  let branch: SqueezeExciteBranch

  init(_ arrays: ToyArrays, _ name: String, grid: PatchGrid, channels: Int, images: Int, isFull: Bool) {
    self.isFull = isFull
    let hiddenCount = arrays["\(name).s1/b"].count
    let single = PatchGrid(height: 1, width: 1, patch: 1)
    squeeze = ToyConvolution(
      arrays, "\(name).s1", ConvolutionShape(inputChannels: channels, outputChannels: hiddenCount), single)
    excite = ToyConvolution(
      arrays, "\(name).s2", ConvolutionShape(inputChannels: hiddenCount, outputChannels: channels), single)
    gateTable = arrays.bytes("\(name).s2/hsig")
    multiplier = arrays.multiplier("\(name).m")
    inputZero = Int32(arrays.value("\(name).m/zx"))
    outputZero = Int32(arrays.value("\(name).m/zy"))

    let weightCount = channels * hiddenCount
    memory = TestMemory(256 + 2 * weightCount)
    let slopes = memory.address.bindMemory(to: Int8.self, capacity: 256 + 2 * weightCount)
    slopes.update(from: arrays.bytes("\(name).s2/dhsig"), count: 256)
    frozenSqueeze = slopes + 256
    frozenExcite = frozenSqueeze + weightCount
    frozenSqueeze.update(from: squeeze.initialWeights, count: weightCount)
    frozenExcite.update(from: excite.initialWeights, count: weightCount)

    let sumBytes = PatchSums.byteCount(images: images, grid: grid, channels: channels)
    savedMemory = TestMemory(sumBytes + images * (2 * channels + hiddenCount))
    inputs = PatchSums(memory: savedMemory.address, images: images, grid: grid, channels: channels)
    gates = (savedMemory.address + sumBytes).bindMemory(to: UInt8.self, capacity: images * channels)
    excited = (savedMemory.address + sumBytes + images * channels).bindMemory(
      to: Int8.self, capacity: images * (channels + hiddenCount))
    hidden = excited + images * channels
    branch = SqueezeExciteBranch(
      gate: SqueezeExciteBackward(grid: grid, channels: channels), squeeze: squeeze.backward,
      squeezeWeights: frozenSqueeze, excite: excite.backward, exciteWeights: frozenExcite,
      hiddenZeroPoint: Int8(squeeze.outputZero), slopes: slopes,
      inputFactor: Int32(arrays.value("\(name).s1/inputFactor")),
      inputExponent: 15 + Int32(arrays.value("\(name).s1/inputShift")))
  }

  func forward(_ input: [Int8], isTraining: Bool) -> [Int8] {
    let (grid, channels) = (branch.gate.grid, branch.gate.channels)
    let first = squeeze.forward(
      toyMeans(input, pixels: grid.pixels, channels: channels), weights: frozenSqueeze,
      biases: squeeze.initialBiases)
    let second = excite.forward(first, weights: frozenExcite, biases: excite.initialBiases)
    let gate = second.map { UInt8(Int(gateTable[Int($0) + 128]) + 128) }
    if isTraining {
      gates.update(from: gate, count: gate.count)
      hidden.update(from: first, count: first.count)
      excited.update(from: second, count: second.count)
      save(input, into: inputs, grid: grid, channels: channels, zeroPoint: inputZero)
    }
    let imageCount = grid.pixels * channels
    return input.enumerated().map { index, value in
      let gate = gate[index / imageCount * channels + index % channels]
      let product = multiplier.multiply((Int32(value) - inputZero) * Int32(gate))
      return Int8(clamp(outputZero + product, -128, 127))
    }
  }

  func inputError(
    _ error: ErrorTensor, _ pass: BackwardPass, into output: UnsafeMutablePointer<Int16>
  ) -> ErrorTensor {
    isFull
      ? branch.inputError(
        error,
        saved: SqueezeExciteBranch.Saved(gates: gates, inputs: inputs, hidden: hidden, excited: excited),
        pass, into: output)
      : branch.gate.inputError(error, gates: gates, pass, into: output)
  }
}
