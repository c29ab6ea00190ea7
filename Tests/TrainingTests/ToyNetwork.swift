import FixedPoint
import Foundation
import Kernels

@testable import Training

/// The arrays of `Tests/Training/export_selftest.py`.
struct ToyArrays {
  private var arrays: [String: [Int]] = [:]

  init() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Vectors/selftest.bin")
    var bytes = [UInt8](try Data(contentsOf: file))[...]
    func number(_ width: Int) -> Int {
      let value = bytes.prefix(width).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
      bytes = bytes.dropFirst(width)
      // The sign.
      return value - (value >> (8 * width - 1) == 0 ? 0 : 1 << (8 * width))
    }
    while !bytes.isEmpty {
      let length = number(4)
      let name = String(decoding: bytes.prefix(length), as: UTF8.self)
      bytes = bytes.dropFirst(length)
      let width = number(1)
      let count = number(4)
      arrays[name] = (0..<count).map { _ in number(width) }
    }
  }

  subscript(name: String) -> [Int] { arrays[name]! }
  func value(_ name: String) -> Int { self[name][0] }
  func bytes(_ name: String) -> [Int8] { self[name].map { Int8($0) } }
  func multiplier(_ name: String, _ suffix: String = "mult", _ shift: String = "shift") -> QuantizedMultiplier
  {
    QuantizedMultiplier(
      mantissa: Int32(value("\(name)/\(suffix)")), exponent: Int32(value("\(name)/\(shift)")))
  }
}

/// A convolution of the toy network: the deployed forward pass in plain loops.
struct ToyConvolution {
  let backward: ConvolutionBackward
  let memory: TestMemory
  let multipliers: [QuantizedMultiplier]
  let inputZero: Int32
  let outputZero: Int32
  let low: Int32
  let high: Int32
  let initialWeights: [Int8]
  let initialBiases: [Int32]
  let biasUnits: [Int32]

  init(_ arrays: ToyArrays, _ name: String, _ shape: ConvolutionShape, _ grid: PatchGrid) {
    memory = TestMemory(WeightScales.byteCount(count: shape.outputChannels))
    var scales = WeightScales(memory: memory.address, count: shape.outputChannels)
    for (index, factor) in arrays["\(name)/f"].enumerated() { scales.factors[index] = Int32(factor) }
    scales.exponent = 15 + Int32(arrays.value("\(name)/fq"))
    backward = ConvolutionBackward(shape: shape, scales: scales, outputGrid: grid)
    multipliers = zip(arrays["\(name)/mult"], arrays["\(name)/shift"]).map {
      QuantizedMultiplier(mantissa: Int32($0), exponent: Int32($1))
    }
    inputZero = Int32(arrays.value("\(name)/zx"))
    outputZero = Int32(arrays.value("\(name)/zy"))
    low = Int32(arrays.value("\(name)/lo"))
    high = Int32(arrays.value("\(name)/hi"))
    initialWeights = arrays.bytes("\(name)/w")
    initialBiases = arrays["\(name)/b"].map { Int32($0) }
    biasUnits = arrays["\(name)/invM"].map { max(1, Int32($0)) }
  }

  var shape: ConvolutionShape { backward.shape }

  /// Outputs of some images.
  func forward(
    _ input: [Int8], weights: UnsafePointer<Int8>, biases: UnsafePointer<Int32>
  ) -> [Int8] {
    let shape = shape
    let inputs = shape.inputHeight * shape.inputWidth * shape.inputChannels
    var output: [Int8] = []
    for image in 0..<input.count / inputs {
      for y in 0..<shape.outputHeight {
        for x in 0..<shape.outputWidth {
          for channel in 0..<shape.outputChannels {
            var sum = biases[channel]
            let group = channel / shape.groupOutputs
            for tap in 0..<shape.taps {
              let row = y * shape.strideHeight + tap / shape.kernelWidth - shape.paddingTop
              let column = x * shape.strideWidth + tap % shape.kernelWidth - shape.paddingLeft
              guard 0..<shape.inputHeight ~= row, 0..<shape.inputWidth ~= column else { continue }
              for index in 0..<shape.groupInputs {
                let place =
                  ((image * shape.inputHeight + row) * shape.inputWidth + column) * shape.inputChannels
                  + group * shape.groupInputs + index
                let weight = weights[channel * shape.rowLength + tap * shape.groupInputs + index]
                sum += (Int32(input[place]) - inputZero) * Int32(weight)
              }
            }
            output.append(
              Int8(clamp(outputZero + multipliers[channel].multiply(sum), low, high)))
          }
        }
      }
    }
    return output
  }
}

/// A convolution of the toy network with what trains it.
final class ToyLayer<Master: MasterWeight> {
  let convolution: ToyConvolution
  var trainable: TrainableConvolution<Master>
  private let memory: TestMemory
  private let savedMemory: TestMemory
  let saved: PatchSums

  init(_ convolution: ToyConvolution, number: UInt32, images: Int) {
    let (shape, grid) = (convolution.shape, convolution.backward.inputGrid)
    self.convolution = convolution
    memory = TestMemory(TrainableConvolution<Master>.byteCount(shape))
    trainable = TrainableConvolution(convolution.backward, memory: memory.address, number: number)
    trainable.parameter.start(from: convolution.initialWeights)
    for index in 0..<shape.outputChannels {
      trainable.bias.values[index] = convolution.initialBiases[index]
      trainable.bias.units[index] = convolution.biasUnits[index]
    }
    trainable.bias.start()
    savedMemory = TestMemory(
      PatchSums.byteCount(images: images, grid: grid, channels: shape.inputChannels))
    saved = PatchSums(
      memory: savedMemory.address, images: images, grid: grid, channels: shape.inputChannels)
  }

  func forward(_ input: [Int8], isTraining: Bool) -> [Int8] {
    if isTraining { save(input, into: saved, convolution.backward, zeroPoint: convolution.inputZero) }
    return convolution.forward(
      input, weights: trainable.parameter.weights, biases: trainable.bias.values)
  }
}

/// Keeps the sums of all images.
func save(
  _ input: [Int8], into sums: PatchSums, _ backward: ConvolutionBackward, zeroPoint: Int32
) {
  save(
    input, into: sums, grid: backward.inputGrid, channels: backward.shape.inputChannels, zeroPoint: zeroPoint)
}

func save(_ input: [Int8], into sums: PatchSums, grid: PatchGrid, channels: Int, zeroPoint: Int32) {
  let count = grid.pixels * channels
  input.withUnsafeBufferPointer { buffer in
    for image in 0..<input.count / count {
      sums.save(
        buffer.baseAddress! + image * count, image: image, grid: grid, channels: channels,
        zeroPoint: zeroPoint, kernels: .scalar)
    }
  }
}

/// A function of one variable of the toy network, with its derivative.
struct ToyActivation {
  private let table: [Int8]
  private let derivatives: TestMemory
  private let savedMemory: TestMemory
  let backward: ActivationBackward
  private let means: UnsafeMutablePointer<Int8>

  /// - Parameter clamp: The convolution whose clamp it is; else it is a table.
  init(
    _ arrays: ToyArrays, _ name: String, clamp: ToyConvolution? = nil, grid: PatchGrid, channels: Int,
    images: Int
  ) {
    derivatives = TestMemory(256)
    let bytes = derivatives.address.bindMemory(to: Int8.self, capacity: 256)
    if let clamp {
      table = (Int8.min...Int8.max).map { $0 }
      ActivationBackward.setClamp(low: Int8(clamp.low), high: Int8(clamp.high), bytes)
    } else {
      table = arrays.bytes("\(name)/lut")
      bytes.update(from: arrays.bytes("\(name)/dlut"), count: 256)
    }
    backward = ActivationBackward(derivatives: bytes, grid: grid, channels: channels)
    savedMemory = TestMemory(backward.savedByteCount(images: images))
    means = savedMemory.address.bindMemory(to: Int8.self, capacity: images * grid.count * channels)
  }

  func forward(_ input: [Int8], isTraining: Bool) -> [Int8] {
    let count = backward.grid.pixels * backward.channels
    if isTraining {
      input.withUnsafeBufferPointer { buffer in
        for image in 0..<input.count / count {
          backward.save(
            buffer.baseAddress! + image * count, image: image, kernels: .scalar, into: means)
        }
      }
    }
    return input.map { table[Int($0) + 128] }
  }

  func inputError(_ error: ErrorTensor, _ pass: BackwardPass) -> ErrorTensor {
    backward.inputError(error, means: means, pass, into: error.mantissas)
  }
}

/// The rounded mean of each image's channels, halves away from zero.
func toyMeans(_ input: [Int8], pixels: Int, channels: Int) -> [Int8] {
  (0..<input.count / (pixels * channels)).flatMap { image in
    (0..<channels).map { channel in
      let sum = (0..<pixels).reduce(0) { $0 + Int(input[(image * pixels + $1) * channels + channel]) }
      let magnitude = (abs(sum) + pixels / 2) / pixels
      return Int8(sum < 0 ? -magnitude : magnitude)
    }
  }
}
