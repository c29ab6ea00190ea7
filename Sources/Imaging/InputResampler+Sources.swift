import FirmwareModel

extension InputResampler {
  /// How much of a file is read before its memory is worth giving back.
  private static let bytesBetweenCalls = 1 << 17

  /// Decodes a JPEG into the input tensor, holding no more than a few rows of it.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - decoder: Its message says what was wrong.
  ///   - tensor: `elementCount` elements.
  ///   - passed: Told from time to time how many of the bytes are no longer needed.
  /// - Returns: The damage, which the tensor has with it; whether that is good enough is for the caller to say.
  public mutating func resample(
    _ bytes: UnsafeRawBufferPointer, _ decoder: inout JPEGDecoder, into tensor: UnsafeMutablePointer<Int8>,
    passed: (Int) -> Void = { _ in }
  ) throws(ImageError) -> JPEGDecoder.Damage {
    let shape = try decoder.begin(bytes, for: input)
    do throws(ImageError) { try begin(shape, into: tensor) } catch {
      decoder.abandon()
      throw error
    }
    let needed = neededRows
    let firstByte = try decoder.crop(to: neededColumns) * shape.channels
    try decoder.skipRows(needed.lowerBound)
    skipRows(needed.lowerBound)
    var told = 0
    for _ in needed {
      try decoder.read(into: nextRow + firstByte)
      takeRow()
      let read = decoder.bytesRead
      if read - told >= InputResampler.bytesBetweenCalls {
        told = read
        passed(read)
      }
    }
    // The rest is read all the same, for the data may end in it: up to the last row, to which libjpeg does not
    // look at what it skips.
    let rest = shape.height - needed.upperBound
    if rest > 0 {
      try decoder.skipRows(rest - 1)
      _ = try decoder.nextRow()
    }
    let damage = decoder.finish()
    passed(decoder.bytesRead)
    return damage
  }

  /// Resamples a picture in memory, such as a camera's frame.
  ///
  /// - Parameters:
  ///   - picture: Sizes of 1...65535.
  ///   - tensor: `elementCount` elements.
  /// - Throws: Only for want of memory.
  public mutating func resample(
    _ picture: Picture, into tensor: UnsafeMutablePointer<Int8>
  ) throws(ImageError) {
    try begin(picture.shape, into: tensor)
    for y in 0..<picture.height { add(picture.pixels + y * picture.rowBytes) }
  }
}
