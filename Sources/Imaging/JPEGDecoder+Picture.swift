import FirmwareModel

extension JPEGDecoder {
  /// Decodes a picture for an input: no larger than the resize can use, and gray where gray suffices.
  ///
  /// - Returns: A picture that is valid until the next one is decoded. One that `isTruncated` has what there was;
  ///   whether that is good enough is for the caller to say.
  public mutating func decode(
    _ bytes: UnsafeRawBufferPointer, for input: ImageInput
  ) throws(ImageError) -> Picture {
    try wholePicture(try begin(bytes, for: input))
  }

  /// Decodes a picture.
  ///
  /// - Parameter colors: `rgb` gives gray pictures one channel nevertheless, since all three would be the same.
  /// - Returns: A picture that is valid until the next one is decoded.
  public mutating func decode(
    _ bytes: UnsafeRawBufferPointer, scale: Scale = .full, colors: Colors = .rgb
  ) throws(ImageError) -> Picture {
    try wholePicture(try begin(bytes, scale: scale, colors: colors))
  }

  /// The picture begun.
  private mutating func wholePicture(_ shape: PictureShape) throws(ImageError) -> Picture {
    let rowBytes = shape.width * shape.channels
    let memory: UnsafeMutablePointer<UInt8>
    do throws(ImageError) {
      memory = try pixels.reserve(rowBytes * shape.height).assumingMemoryBound(to: UInt8.self)
    } catch {
      abandon()
      throw error
    }
    for y in 0..<shape.height { try read(into: memory + y * rowBytes) }
    var picture = Picture(
      pixels: UnsafePointer(memory), width: shape.width, height: shape.height, channels: shape.channels,
      rowBytes: rowBytes, orientation: shape.orientation)
    picture.fullWidth = shape.fullWidth
    picture.fullHeight = shape.fullHeight
    let damage = finish()
    picture.isTruncated = damage.isTruncated
    picture.warnings = damage.warnings
    return picture
  }
}
