import CV4L
import Camera

/// A camera that exists in a script only: what it says of itself, what it sends, and what goes wrong when.
public struct ScriptedDevice: Sendable {
  /// What happens at a frame instead of its plain arrival.
  public enum Incident: Equatable, Sendable {
    /// `EIO` once; the buffer stays in the driver's queue.
    case transferError
    /// `EIO` once; the driver has dropped the buffer from its queues.
    case transferErrorLosingBuffer
    /// `poll` reports a frame, and `DQBUF` gives `EAGAIN`.
    case falseAlarm
    /// The buffer is marked as damaged.
    case flagged
    /// The buffer has no bytes, or so many.
    case bytes(Int)
    /// The JPEG's last bytes are missing.
    case truncated(Int)
    /// The first two bytes are others.
    case noHeader
    /// Zeros behind the JPEG's end.
    case padded(Int)
    /// The driver names a buffer that there is not, or that it does not hold.
    case wrongIndex(UInt32)
    /// So many frames are lost before this one.
    case lost(Int)
    /// Nothing comes for so many microseconds.
    case pause(Int64)
    /// The time stamp is so many microseconds off, or of another clock.
    case stampOff(Int64)
    case stampUnknown
    /// The source announces another size, which the driver then gives.
    case sourceChange(width: Int, height: Int)
    /// The driver reports an error and the stream is over: `POLLERR`, then `EIO`.
    case fatal
    /// The camera goes, and comes back after so many microseconds under a number.
    case unplug(microseconds: Int64, number: Int)
    /// The driver refuses the next buffer that is given back.
    case queueRefused
  }

  public struct Format: Sendable {
    public var format: FourCC
    public var sizes: [FrameSize]
    /// Any size from the first to the last of `sizes` in steps of this.
    public var step: Int?
    public var description: String

    public init(
      _ format: FourCC, _ sizes: [FrameSize], step: Int? = nil, description: String = "A format"
    ) {
      self.format = format
      self.description = description
      self.sizes = sizes
      self.step = step
    }
  }

  public struct Control: Sendable {
    public var id: UInt32
    public var value: Int32
    public var flags: UInt32

    public init(_ id: UInt32, _ value: Int32, flags: UInt32 = 0) {
      self.id = id
      self.value = value
      self.flags = flags
    }
  }

  /// A request and the error that it gives.
  public struct Refusal: Sendable {
    public var request: UInt32
    public var code: Int32

    public init(_ request: ocellus_v4l2_request, _ code: Int32) {
      self.request = request.rawValue
      self.code = code
    }
  }

  public var number = 0
  public var driver = "uvcvideo"
  public var card = "Scripted Camera"
  public var bus = "usb-0000:01:00.0-1.3"
  public var capabilities: UInt32 = OCELLUS_V4L2_CAP_VIDEO_CAPTURE | OCELLUS_V4L2_CAP_STREAMING
  public var formats: [Format]
  public var controls: [Control] = []
  /// The driver lists its formats' sizes and intervals.
  public var listsSizes = true
  /// What `S_FMT` gives instead of what it was asked for.
  public var forcedFormat: (format: FourCC, width: Int, height: Int)?
  /// The time between frames that `S_PARM` gives instead of what it was asked for.
  public var forcedInterval: FrameInterval?
  /// Bytes added to each line.
  public var linePadding = 0
  /// Buffers that the driver gives at most.
  public var mostBuffers = 32
  /// Errors of single requests, each time.
  public var errors: [Refusal] = []
  public var openError: Int32?
  /// The same for so many attempts to start the stream.
  public var startErrors = 0
  /// Frames take so many times as long as agreed.
  public var slowness: Int64 = 1
  public var incidents: [Int: Incident] = [:]
  /// Writes a frame and gives its length; by default a plain frame of its number.
  public var fill:
    (@Sendable (_ frame: Int, _ format: StreamFormat, _ memory: UnsafeMutableRawBufferPointer) -> Int)?

  public init(formats: [Format]) { self.formats = formats }
}

extension FrameSize {
  /// A size with a rate in frames a second.
  public static func size(_ width: Int, _ height: Int, rate: UInt32 = 30) -> FrameSize {
    FrameSize(width: width, height: height, shortestInterval: FrameInterval(numerator: 1, denominator: rate))
  }
}
