import FixedPoint
import Testing

/// The example of the module's documentation.
@Test func exampleOfTheDocumentation() {
  let x: [Int32] = [-124, -126]
  let w: [Int32] = [8, -4]
  let centered = (x[0] + 128) * w[0] + (x[1] + 128) * w[1] + 16
  let folded = x[0] * w[0] + x[1] * w[1] + 128 * (w[0] + w[1]) + 16
  #expect(centered == 40 && folded == 40)
  let eighth = QuantizedMultiplier(mantissa: 1 << 30, exponent: -2)
  #expect(-128 + eighth.multiply(centered) == -123)
}

/// The short form of the rounding shift, where its conditions hold.
@Test func roundingShiftInAdditions() {
  for value in Int32(-5000)...5000 {
    for shift in Int32(1)...12 {
      #expect(roundingShiftRight(value, by: shift) == (value + (value >> 31) + (1 << (shift - 1))) >> shift)
    }
  }
}
