import FirmwareModel
import FixedPoint

/// A model's first output as scores in millionths.
///
/// A softmax's or sigmoid's output is shown as it is, a probability; of any other output the softmax is taken
/// here, in integers.
public struct Scores {
  private let count: Int
  private let zeroPoint: Int32
  private let scale: Scale
  private let isProbability: Bool

  /// Nil for a model whose first output is not int8.
  public init?(_ model: FirmwareModel) {
    let output = model.outputs[0]
    let tensor = model.tensors[output]
    guard tensor.type == .int8 else { return nil }
    count = tensor.shape.count
    zeroPoint = tensor.zeroPoint
    scale = tensor.scale
    var isProbability = false
    for index in model.operators.indices {
      guard let written = model.output(of: index), model.sharesMemory(written, output) else { continue }
      let name = model.operators[index].name
      isProbability = name == .softmax || name == .logistic
    }
    self.isProbability = isProbability
  }

  /// The number of classes.
  public var classCount: Int { count }

  /// Writes the classes with the `top.count` highest values, best first, the lower index first among equals.
  public func select(_ output: UnsafeRawBufferPointer, into top: UnsafeMutableBufferPointer<Int>) {
    var filled = 0
    for index in 0..<count {
      let value = Int8(bitPattern: output[index])
      if filled == top.count, filled == 0 || value <= Int8(bitPattern: output[top[filled - 1]]) { continue }
      var position = min(filled, top.count - 1)
      while position > 0 && value > Int8(bitPattern: output[top[position - 1]]) {
        top[position] = top[position - 1]
        position -= 1
      }
      top[position] = index
      filled = min(filled + 1, top.count)
    }
  }

  /// The score of a class in millionths.
  public func score(_ output: UnsafeRawBufferPointer, _ index: Int) -> Int64 {
    let value = Int32(Int8(bitPattern: output[index]))
    return isProbability ? millionths(value - zeroPoint) : softmax(output, value)
  }

  /// `steps · scale` in millionths, rounded half away from zero; limited to ±10^12.
  private func millionths(_ steps: Int32) -> Int64 {
    let product = Int64(steps) * Int64(scale.mantissa) * 1_000_000
    let limit: Int64 = 1_000_000_000_000
    if scale.exponent >= 0 {
      if product == 0 { return 0 }
      return scale.exponent > 20
        ? (product > 0 ? limit : -limit) : max(min(product << Int64(scale.exponent), limit), -limit)
    }
    let shift = UInt64(min(-Int64(scale.exponent), 63))
    let rounded = (product.magnitude + (1 << (shift - 1))) >> shift
    let magnitude = Int64(min(rounded, UInt64(limit)))
    return product < 0 ? -magnitude : magnitude
  }

  private func softmax(_ output: UnsafeRawBufferPointer, _ value: Int32) -> Int64 {
    var maximum = Int8.min
    for index in 0..<count { maximum = max(maximum, Int8(bitPattern: output[index])) }
    var sum: Int64 = 0
    for index in 0..<count {
      sum += Int64(exponential(Int32(Int8(bitPattern: output[index])) - Int32(maximum)))
    }
    return (Int64(exponential(value - Int32(maximum))) * 1_000_000 + sum / 2) / sum
  }

  /// e^(difference · scale) for a difference that is not positive.
  private func exponential(_ difference: Int32) -> Int32 {
    // With 5 integer bits: 26 fraction bits.
    let product = Int64(difference) * Int64(scale.mantissa)
    let shift = Int64(scale.exponent) + 26
    let fixed: Int64
    if shift >= 0 {
      fixed = shift > 30 && product != 0 ? Int64.min : product << min(shift, 30)
    } else {
      fixed = product >> min(-shift, 63)
    }
    return FixedPoint.exponential(ofNegative: Int32(clamping: fixed), integerBits: 5)
  }
}

extension FirmwareModel {
  /// Whether two tensors lie at one place.
  fileprivate func sharesMemory(_ a: Int, _ b: Int) -> Bool {
    tensors[a].storage == tensors[b].storage && tensors[a].offset == tensors[b].offset
  }
}
