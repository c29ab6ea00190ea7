import FirmwareModel

extension JPEGDecoder {
  /// How much of a file is read before its memory is worth giving back.
  private static let bytesBetweenCalls = 1 << 17

  /// Goes through the picture begun, of which some rows are needed.
  ///
  /// - Parameters:
  ///   - height: The picture's.
  ///   - passed: Told from time to time how many of the bytes are no longer needed.
  ///   - takeRow: Decodes the next row of those needed.
  mutating func pass(
    _ needed: Range<Int>, height: Int, passed: (Int) -> Void,
    takeRow: (inout JPEGDecoder) throws(ImageError) -> Void
  ) throws(ImageError) -> Damage {
    try skipRows(needed.lowerBound)
    var told = 0
    for _ in needed {
      try takeRow(&self)
      let read = bytesRead
      if read - told >= JPEGDecoder.bytesBetweenCalls {
        told = read
        passed(read)
      }
    }
    // The rest is read all the same, for the data may end in it: up to the last row, to which libjpeg does not
    // look at what it skips.
    let rest = height - needed.upperBound
    if rest > 0 {
      try skipRows(rest - 1)
      _ = try nextRow()
    }
    let damage = finish()
    passed(bytesRead)
    return damage
  }
}

extension InputResampler {
  /// Decodes a JPEG into the input tensor, holding no more than a few rows of it.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - decoder: Its message says what was wrong.
  ///   - view: What is shown of it. Whatever it is, the picture is decoded at the scale that suits the whole.
  ///   - tensor: `elementCount` elements.
  ///   - passed: Told from time to time how many of the bytes are no longer needed.
  /// - Returns: The damage, which the tensor has with it; whether that is good enough is for the caller to say.
  public mutating func resample(
    _ bytes: UnsafeRawBufferPointer, _ decoder: inout JPEGDecoder, view: View = .whole,
    into tensor: UnsafeMutablePointer<Int8>, passed: (Int) -> Void = { _ in }
  ) throws(ImageError) -> JPEGDecoder.Damage {
    let shape = try decoder.begin(bytes, for: input)
    do throws(ImageError) { try begin(shape, view: view, into: tensor) } catch {
      decoder.abandon()
      throw error
    }
    let needed = neededRows
    let firstByte = try decoder.crop(to: neededColumns) * shape.channels
    skipRows(needed.lowerBound)
    return try decoder.pass(needed, height: shape.height, passed: passed) { (decoder) throws(ImageError) in
      try decoder.read(into: nextRow + firstByte)
      takeRow()
    }
  }

  /// Resamples a picture in memory, such as a camera's frame.
  ///
  /// - Parameters:
  ///   - picture: Sizes of 1...65535.
  ///   - view: What is shown of it.
  ///   - tensor: `elementCount` elements.
  /// - Throws: Only for want of memory.
  public mutating func resample(
    _ picture: Picture, view: View = .whole, into tensor: UnsafeMutablePointer<Int8>
  ) throws(ImageError) {
    try begin(picture.shape, view: view, into: tensor)
    for y in 0..<picture.height { add(picture.pixels + y * picture.rowBytes) }
  }
}
