/// The orientation in a JPEG's EXIF data; `upright` where there is none or it makes no sense.
///
/// EXIF is a TIFF file in the JPEG's first APP1 segment that begins with "Exif" and two zeros (CIPA DC-008);
/// the orientation is tag 0x0112 of its first directory, a SHORT of 1...8.
func exifOrientation(jpeg bytes: UnsafeRawBufferPointer) -> Orientation {
  let jpeg = ByteReader(bytes)
  guard jpeg.uint16(0) == 0xFFD8 else { return .upright }
  var offset = 2
  while let marker = jpeg.byte(offset) {
    // Between segments, as libjpeg does, anything up to a marker is passed over, and FF may be repeated.
    guard marker == 0xFF, let code = jpeg.byte(offset + 1), code != 0, code != 0xFF else {
      offset += 1
      continue
    }
    if (0xD0...0xD8).contains(code) || code == 0x01 {
      offset += 2
      continue
    }
    // The picture's data, or its end.
    if code == 0xDA || code == 0xD9 { break }
    guard let length = jpeg.uint16(offset + 2), length >= 2 else { break }
    let content = Int(length) - 2
    if code == 0xE1, let segment = jpeg.slice(offset + 4, content), segment.begins(with: "Exif\0\0", at: 0),
      let tiff = segment.slice(6, content - 6)
    {
      return tiffOrientation(tiff)
    }
    offset += 4 + content
  }
  return .upright
}

private func tiffOrientation(_ file: ByteReader) -> Orientation {
  var tiff = file
  if tiff.begins(with: "II", at: 0) {
    tiff.isLittleEndian = true
  } else if !tiff.begins(with: "MM", at: 0) {
    return .upright
  }
  guard tiff.uint16(2) == 42, let start = tiff.uint32(4), let directory = Int(exactly: start),
    directory <= tiff.count, let entries = tiff.uint16(directory)
  else { return .upright }
  for entry in 0..<Int(entries) {
    // Tag, type, count, and the value itself where it has at most 4 bytes.
    let offset = directory + 2 + 12 * entry
    guard let tag = tiff.uint16(offset) else { break }
    if tag != 0x0112 { continue }
    guard let type = tiff.uint16(offset + 2), tiff.uint32(offset + 4) == 1 else { break }
    let value: UInt32? =
      switch type {
      case 3: tiff.uint16(offset + 8).map { UInt32($0) }
      // Not of the standard, but written: a LONG.
      case 4: tiff.uint32(offset + 8)
      default: nil
      }
    guard let value, value <= 8 else { break }
    return Orientation(rawValue: UInt8(value)) ?? .upright
  }
  return .upright
}
