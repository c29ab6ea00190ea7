/// Finds the pictures in a stream of JPEGs that follow one another, from start-of-image to end-of-image
/// marker.
///
/// Segments are passed over by their length, so a thumbnail inside one neither begins nor ends a picture. A
/// picture that another one interrupts, or the end of the stream, is complete as far as it goes if its data
/// had begun, else it is no picture. All that lies between pictures is passed over and counted.
struct MJPEGScanner {
  /// What the next byte is read as.
  private enum State {
    /// Outside pictures; `outsideMarker` after FF, `outsideStart` after FF D8.
    case outside, outsideMarker, outsideStart
    /// A marker's first byte, between segments; a marker's code; the two bytes of a segment's length.
    case between, code, lengthHigh, lengthLow
    /// Within a segment.
    case segment
    /// Within entropy-coded data; `dataMarker` after FF.
    case data, dataMarker
  }

  /// A picture found: where, and whether it has its end.
  struct Found {
    var range: Range<Int>
    var isComplete: Bool
  }

  private let maximumBytes: Int
  private var state = State.outside
  /// The next byte to look at.
  private var position = 0
  /// The picture's first byte, while in one.
  private var start = 0
  /// The end of the picture before.
  private var lastEnd = 0
  private var code: UInt8 = 0
  /// Bytes of the segment to come; its length while that is read.
  private var remaining = 0
  private var hasData = false
  /// Bytes that belong to no picture, as far as known.
  private(set) var skippedBytes = 0
  /// Pictures given up for their size.
  private(set) var oversized = 0

  init(maximumBytes: Int) { self.maximumBytes = maximumBytes }

  /// The first byte that is still needed.
  var firstNeeded: Int {
    switch state {
    case .outside: position
    case .outsideMarker: position - 1
    case .outsideStart: position - 2
    default: start
    }
  }

  /// Offsets are from now on smaller by this many bytes, at most `firstNeeded`.
  mutating func rebase(by count: Int) {
    // What lies before the first needed byte and after the last picture was skipped.
    if count > lastEnd {
      skippedBytes += count - lastEnd
      lastEnd = 0
    } else {
      lastEnd -= count
    }
    position -= count
    start -= count
  }

  /// Goes on through the bytes, of which more may have been added since, to the end of the next picture.
  mutating func advance(_ bytes: UnsafeRawBufferPointer) -> Found? {
    while position < bytes.count {
      if state == .segment {
        let step = min(remaining, bytes.count - position)
        position += step
        remaining -= step
        if remaining == 0 { endSegment() }
      } else if state == .data || state == .outside || state == .between {
        passToMarker(bytes)
      }
      if isInside && position - start > maximumBytes { giveUp() }
      if position == bytes.count || state == .segment { continue }
      let byte = bytes[position]
      position += 1
      if let found = step(byte) { return found }
    }
    return nil
  }

  /// What the end of the stream makes of a picture begun.
  mutating func finish() -> Found? {
    let found = isInside ? end(at: position, complete: false) : nil
    state = .outside
    if found == nil {
      skippedBytes += position - lastEnd
      lastEnd = position
    }
    return found
  }

  private var isInside: Bool {
    switch state {
    case .outside, .outsideMarker, .outsideStart: false
    default: true
    }
  }

  /// Passes over bytes that cannot change the state.
  private mutating func passToMarker(_ bytes: UnsafeRawBufferPointer) {
    var next = position
    while next < bytes.count && bytes[next] != 0xFF { next += 1 }
    position = next
  }

  private mutating func step(_ byte: UInt8) -> Found? {
    switch state {
    case .outside: state = byte == 0xFF ? .outsideMarker : .outside
    case .outsideMarker: state = byte == 0xD8 ? .outsideStart : byte == 0xFF ? .outsideMarker : .outside
    case .outsideStart:
      if byte == 0xFF { begin(at: position - 3) } else { state = .outside }
    case .between: state = byte == 0xFF ? .code : .between
    case .code, .dataMarker: return marker(byte)
    case .lengthHigh:
      remaining = Int(byte) << 8
      state = .lengthLow
    case .lengthLow:
      // The length counts its own two bytes; one of less is damage, and the next marker is looked for.
      remaining += Int(byte) - 2
      if remaining > 0 { state = .segment } else { endSegment() }
    case .segment, .data: state = byte == 0xFF && state == .data ? .dataMarker : state
    }
    return nil
  }

  private mutating func marker(_ byte: UInt8) -> Found? {
    switch byte {
    case 0xFF: return nil
    case 0x00, 0x01, 0xD0...0xD7:
      state = state == .dataMarker ? .data : .between
      return nil
    case 0xD9: return end(at: position, complete: true)
    case 0xD8:
      let found = end(at: position - 2, complete: false)
      state = .outsideStart
      return found
    default:
      code = byte
      state = .lengthHigh
      return nil
    }
  }

  private mutating func begin(at offset: Int) {
    start = offset
    state = .code
    hasData = false
  }

  private mutating func endSegment() {
    if code == 0xDA { hasData = true }
    state = code == 0xDA ? .data : .between
  }

  private mutating func end(at offset: Int, complete: Bool) -> Found? {
    state = .outside
    guard hasData else { return nil }
    skippedBytes += start - lastEnd
    lastEnd = offset
    return Found(range: start..<offset, isComplete: complete)
  }

  private mutating func giveUp() {
    oversized += 1
    state = .outside
  }
}
