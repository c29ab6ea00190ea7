import FixedPoint
import Kernels

/// A gradient: `value · 2^−exponent`.
public struct Gradient {
  public var values: UnsafePointer<Int32>
  public var exponent: Int32

  public init(values: UnsafePointer<Int32>, exponent: Int32) {
    self.values = values
    self.exponent = exponent
  }
}

/// The step of an optimiser that is the same for a layer's weights and its biases.
public struct StepContext {
  public var kernels: TrainingKernels
  public var seed: UInt32
  /// Steps done before this one.
  public var step: Int
  /// Q16: how far a normalised gradient of 1 moves a parameter, in its units.
  public var stepSize: Int32

  public init(kernels: TrainingKernels, seed: UInt32, step: Int, stepSize: Int32) {
    self.kernels = kernels
    self.seed = seed
    self.step = step
    self.stepSize = stepSize
  }

  /// The key of a parameter's random words in this step.
  func key(of number: UInt32) -> UInt32 {
    seed &* 0x51ED_270B &+ UInt32(truncatingIfNeeded: step) &* 0x2545_F491 &+ number &* 0x6C8E_9CF5
  }
}

/// The running root mean square of a tensor's gradients, in which they are measured.
///
/// Whatever factor the whole gradient has cancels: the loss's scale, the mini-batch's size, scales of inputs, what a
/// patch's mean leaves out.
public struct RunningScale: Equatable, Sendable {
  /// The mean so far, 2^−40; 0 before the first gradient that is not all 0.
  public var value: Int64

  public init(value: Int64 = 0) { self.value = value }

  /// Takes a gradient into the mean.
  ///
  /// With G the gradient's integers and e its exponent, N = 2^10 · G · 2^−e / (R · 2^−40) = G · 2^(50 − e) / R is the
  /// gradient in units of R with 10 fraction bits. R is `m · 2^(L − 31)` with L bits of which m are the top 31; so one
  /// division, ⌊2^61 / m⌋, serves all elements: N = G · ⌊2^61 / m⌋ / 2^(L + e − 20).
  ///
  /// - Returns: What to multiply by; nil where all gradients so far are 0, and there is no step.
  public mutating func normalization(
    of gradient: Gradient, count: Int, kernels: TrainingKernels
  ) -> GradientNormalization? {
    // Squares of 16 bits: their sum can't overflow.
    let shift = RunningScale.shift(largest: kernels.largestMagnitude(gradient.values, count))
    let sum = kernels.sumOfSquares(gradient.values, count, shift)
    return normalization(sum: sum, shift: shift, exponent: gradient.exponent, count: count)
  }

  /// By how many bits a gradient is shifted right before it is squared.
  static func shift(largest: UInt32) -> Int32 { max(0, bitLength(UInt64(largest)) &- 15) }

  /// The same of a gradient whose sum of squares is known.
  ///
  /// - Parameters:
  ///   - sum: Of the squares of all numbers, shifted right by `shift`.
  ///   - exponent: The gradient's.
  mutating func normalization(
    sum: UInt64, shift: Int32, exponent: Int32, count: Int
  ) -> GradientNormalization? {
    let current = RunningScale.scaled(
      Int64(truncatingIfNeeded: squareRoot(sum / UInt64(truncatingIfNeeded: max(count, 1)))),
      by: 40 &- exponent &+ shift)
    value = value == 0 ? current : value &+ (current &- value) &>> 3
    if value == 0 { return nil }
    let length = bitLength(UInt64(truncatingIfNeeded: value))
    let top = length > 31 ? value &>> Int64(length &- 31) : value &<< Int64(31 &- length)
    return GradientNormalization(
      multiplier: (1 &<< 61) / top, shift: min(length &+ exponent &- 20, 63))
  }

  /// `value · 2^exponent`, rounded down, at most 2^62.
  private static func scaled(_ value: Int64, by exponent: Int32) -> Int64 {
    if exponent <= 0 { return exponent < -62 ? 0 : value &>> Int64(0 &- exponent) }
    let room = 62 &- bitLength(UInt64(truncatingIfNeeded: value))
    return value == 0 ? 0 : (exponent > room ? 1 &<< 62 : value &<< Int64(exponent))
  }
}
