/// The four pixels that an interpolated one lies between.
public struct InterpolationCorners {
  public var upperLeft: UnsafePointer<Int8>
  public var upperRight: UnsafePointer<Int8>
  public var lowerLeft: UnsafePointer<Int8>
  public var lowerRight: UnsafePointer<Int8>

  public init(
    upperLeft: UnsafePointer<Int8>, upperRight: UnsafePointer<Int8>,
    lowerLeft: UnsafePointer<Int8>, lowerRight: UnsafePointer<Int8>
  ) {
    self.upperLeft = upperLeft
    self.upperRight = upperRight
    self.lowerLeft = lowerLeft
    self.lowerRight = lowerRight
  }
}

/// Bilinear interpolation with weights in 1/1024, rounded to nearest, halves away from zero (LiteRT's int8).
public func interpolateScalar(
  _ corners: InterpolationCorners, _ down: Int32, _ right: Int32, _ channels: Int,
  _ output: UnsafeMutablePointer<Int8>
) {
  let (down, right) = (Int64(down), Int64(right))
  let (up, left) = (1024 &- down, 1024 &- right)
  for channel in 0..<channels {
    let sum =
      Int64(corners.upperLeft[channel]) &* up &* left
      &+ Int64(corners.lowerLeft[channel]) &* down &* left
      &+ Int64(corners.upperRight[channel]) &* up &* right
      &+ Int64(corners.lowerRight[channel]) &* down &* right
    let rounded = (sum &+ (sum > 0 ? 1 << 19 : -(1 << 19))) / (1 << 20)
    output[channel] = Int8(truncatingIfNeeded: rounded)
  }
}
