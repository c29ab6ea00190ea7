/// What can go wrong with a camera that streams. The first of each kind is reported, all are counted.
public enum Fault: Int, CaseIterable, Sendable {
  /// The device went away: unplugged, switched off, or reset by its bus.
  case gone
  /// It is there again, and streams.
  case back
  /// It could not be opened or started again.
  case refused
  /// No frame came for a long time.
  case stalled
  /// The driver reports an error and streams no longer.
  case driverError
  /// The picture's source has changed its size.
  case sourceChange
  /// After a restart the camera sends in another format or size.
  case formatChange
  /// A transfer failed (EIO).
  case transfer
  /// The driver marks the frame as damaged.
  case flagged
  /// A frame without bytes.
  case empty
  /// A frame of fewer bytes than its format has.
  case short
  /// A frame that should be a JPEG and is none.
  case notJPEG
  /// A JPEG that ends early.
  case truncatedJPEG
  /// A JPEG with damaged data.
  case corruptJPEG
  /// A frame that could not be converted.
  case unconvertible
  /// The driver names a buffer that it does not hold.
  case wrongBuffer
  /// The driver does not take a buffer back.
  case queueRefused
  /// Frames come more slowly than agreed, with none lost.
  case slow
  /// Time stamps go backwards or are not those of the clock.
  case timeStamp

  /// In words, for messages: what happened, and what is done about it.
  public var text: StaticString {
    switch self {
    case .gone: "the camera is gone; waiting for it to come back"
    case .back: "the camera is back"
    case .refused: "the camera does not start again; trying on"
    case .stalled: "no frames come; starting the camera again"
    case .driverError: "the driver reports an error; starting the camera again"
    case .sourceChange: "the picture's source has changed; starting the camera again"
    case .formatChange: "the camera came back with another format or size; going on with that"
    case .transfer: "a transfer failed; the frame is left out"
    case .flagged: "the driver marks a frame as damaged; it is left out"
    case .empty: "a frame without bytes; it is left out"
    case .short: "a frame is too short; it is left out"
    case .notJPEG: "a frame is not a JPEG; it is left out"
    case .truncatedJPEG: "a JPEG ends early; it is left out"
    case .corruptJPEG: "a JPEG is damaged; it is left out"
    case .unconvertible: "a frame can't be converted; it is left out"
    case .wrongBuffer: "the driver names a buffer that it does not hold; starting the camera again"
    case .queueRefused: "the driver does not take a buffer back; starting the camera again"
    case .slow:
      "frames come more slowly than agreed: in little light the exposure takes longer; --exposure steady keeps the rate"
    case .timeStamp: "time stamps are not the clock's; ages count from a frame's arrival"
    }
  }

  /// For summaries.
  public var name: StaticString {
    switch self {
    case .gone: "gone"
    case .back: "back"
    case .refused: "not restarted"
    case .stalled: "stalled"
    case .driverError: "driver errors"
    case .sourceChange: "source changed"
    case .formatChange: "format changed"
    case .transfer: "failed transfers"
    case .flagged: "marked as damaged"
    case .empty: "empty"
    case .short: "short"
    case .notJPEG: "not JPEG"
    case .truncatedJPEG: "truncated JPEG"
    case .corruptJPEG: "damaged JPEG"
    case .unconvertible: "not converted"
    case .wrongBuffer: "wrong buffer"
    case .queueRefused: "buffer refused"
    case .slow: "slow"
    case .timeStamp: "wrong time stamps"
    }
  }
}

/// How often each fault has happened.
public struct FaultCounts: Equatable, Sendable {
  private var counts = InlineArray<32, UInt32>(repeating: 0)

  public init() {}

  public subscript(_ fault: Fault) -> Int { Int(counts[fault.rawValue]) }

  public mutating func add(_ fault: Fault) { counts[fault.rawValue] &+= 1 }

  public static func == (a: FaultCounts, b: FaultCounts) -> Bool {
    for fault in Fault.allCases where a[fault] != b[fault] { return false }
    return true
  }
}
