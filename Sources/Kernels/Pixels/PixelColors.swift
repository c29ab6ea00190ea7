// Sums of components to pixels, lowered by 128; counts are multiples of 16.

/// A product with 15 fraction bits dropped, halves rounded up.
@inline(__always)
private func product(_ value: Int16, _ factor: Int16) -> Int32 {
  (Int32(value) &* Int32(factor) &+ 1 << 14) &>> 15
}

/// Luma, red, green or blue from black on.
@inline(__always)
private func light(_ sum: UInt16, _ factors: ColorFactors) -> Int16 {
  Int16(truncatingIfNeeded: sum &>> 1) &- factors.halfBlack
}

/// A colour difference, from gray on.
@inline(__always)
private func difference(_ sum: UInt16) -> Int16 { Int16(truncatingIfNeeded: Int32(sum) &- 128 &* 255) }

/// The pixel of a value with 6 fraction bits, lowered by 128.
@inline(__always)
private func pixel(_ value: Int32) -> Int8 {
  Int8(truncatingIfNeeded: min(max((value &+ 32) &>> 6, 0), 255) &- 128)
}

/// The definition of expansion: a component without colour (luma, red, green or blue) to the full range.
public func expandScalar(
  _ sums: UnsafePointer<UInt16>, _ factors: ColorFactors, _ output: UnsafeMutablePointer<Int8>,
  _ count: Int
) {
  for index in 0..<count { output[index] = pixel(product(light(sums[index], factors), factors.luma)) }
}

/// The definition of colours: luma and colour differences to red, green and blue.
public func colorsScalar(
  _ sums: ComponentSums, _ factors: ColorFactors, _ output: ColorPlanes, _ count: Int
) {
  for index in 0..<count {
    let luma = product(light(sums.first[index], factors), factors.luma)
    let (u, v) = (difference(sums.second[index]), difference(sums.third[index]))
    output.red[index] = pixel(luma &+ product(v, factors.redFromV))
    output.green[index] = pixel(
      luma &- product(u, factors.greenFromU) &- product(v, factors.greenFromV))
    output.blue[index] = pixel(luma &+ product(u, factors.blueFromU))
  }
}

/// The definition of gray: red, green and blue to their luma.
public func grayScalar(
  _ sums: ComponentSums, _ factors: ColorFactors, _ output: UnsafeMutablePointer<Int8>, _ count: Int
) {
  for index in 0..<count {
    output[index] = pixel(
      product(light(sums.first[index], factors), factors.grayFromRed)
        &+ product(light(sums.second[index], factors), factors.grayFromGreen)
        &+ product(light(sums.third[index], factors), factors.grayFromBlue))
  }
}
