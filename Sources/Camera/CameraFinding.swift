import Platform

/// What is wrong with a camera, with the facts; `TextWriter.write` puts it in words, with what to do.
public enum CameraFinding: Equatable, Sendable {
  /// There is no camera at all.
  case noCamera
  /// Its node is of a kind that gives no pictures here, though a camera is behind it.
  case unusable(DeviceKind)
  /// The user may not open it.
  case permission
  /// It can't be opened, or does not say what it is.
  case refused(CameraError)
  /// Another program streams from it: one of these, if any of them is known.
  case busy([NodeHolder])
  /// Other programs have it open, and stream from it perhaps.
  case open([NodeHolder])
  /// It lists no formats.
  case noFormats
  /// It sends in these formats only, which nothing here reads.
  case unreadable([FourCC])
  /// In the dark it may expose for longer than a frame's interval.
  case slowInTheDark
  /// It exposes for longer than a frame's interval.
  case longExposure(LongExposure)
  /// Its frames, as they would be chosen, are more than its connection carries.
  case bandwidth(Bandwidth)
  /// The frames of as many cameras are more than their bus carries.
  case sharedBandwidth(Bandwidth, cameras: Int)

  /// What frames need and what there is, in bytes a second.
  public struct Bandwidth: Equatable, Sendable {
    public var needed: Int64
    public var available: Int64
    /// There is a compressed format, too, which needs far less.
    public var hasJPEG: Bool

    public init(needed: Int64, available: Int64, hasJPEG: Bool) {
      self.needed = needed
      self.available = available
      self.hasJPEG = hasJPEG
    }
  }

  /// How long a frame is exposed, and the time from a frame to the next.
  public struct LongExposure: Equatable, Sendable {
    public var microseconds: Int64
    public var intervalMicroseconds: Int64
    /// The camera has chosen it.
    public var isAutomatic: Bool
    /// The camera can be told to choose none that is too long.
    public var canBeSteady: Bool

    public init(microseconds: Int64, intervalMicroseconds: Int64, isAutomatic: Bool, canBeSteady: Bool) {
      self.microseconds = microseconds
      self.intervalMicroseconds = intervalMicroseconds
      self.isAutomatic = isAutomatic
      self.canBeSteady = canBeSteady
    }
  }

  /// Its name, for programs.
  public var name: StaticString {
    switch self {
    case .noCamera: "no-camera"
    case .unusable(let kind): kind.name
    case .permission: "permission"
    case .refused: "refused"
    case .busy: "busy"
    case .open: "open"
    case .noFormats: "no-formats"
    case .unreadable: "unreadable"
    case .slowInTheDark: "slow-in-the-dark"
    case .longExposure: "long-exposure"
    case .bandwidth: "bandwidth"
    case .sharedBandwidth: "shared-bandwidth"
    }
  }

  /// Nothing can be read from the camera while it is so.
  public var isFatal: Bool {
    switch self {
    case .noCamera, .unusable, .permission, .refused, .busy, .noFormats, .unreadable: true
    case .open, .slowInTheDark, .longExposure, .bandwidth, .sharedBandwidth: false
    }
  }
}

extension TextWriter {
  /// What is wrong, and what to do.
  ///
  /// The words hold nothing that a JSON string would have to write in another way.
  ///
  /// - Parameter device: The path of the node that it is about; empty where it is about none.
  public mutating func write(_ finding: CameraFinding, _ device: [CChar]) {
    switch finding {
    case .noCamera:
      write(
        """
        No camera was found. USB: if lsusb does not list it, try another cable or socket, or a hub with its own power; \
        if it does, see what the kernel says (sudo dmesg | grep -i -e usb -e uvc) and load its driver \
        (sudo modprobe uvcvideo). Raspberry Pi's CSI cameras: check the ribbon cable, see whether \
        rpicam-hello --list-cameras lists it, then use \
        rpicam-vid -t 0 --codec mjpeg --width 640 --height 480 -o - | ocellus classify --model M -
        """)
    case .unusable(let kind): write(kind.text)
    case .permission: write(CameraError.permission.text)
    case .refused(let error): write(refusal: error)
    case .busy(let holders): write(busy: holders, device)
    case .open(let holders):
      write("open in ")
      write(holders)
      write("; nothing else gets frames while that streams: end it (kill")
      write(numbers: holders)
      write(") if classify says that the camera is busy")
    case .noFormats:
      write(
        """
        the driver lists no formats; if it takes its picture from a socket (HDMI, composite), connect and switch on what \
        sends there, else unplug the camera and plug it in again
        """)
    case .unreadable(let formats):
      write("it sends ")
      for (index, format) in formats.enumerated() {
        if index > 0 { write(index == formats.count - 1 ? " and " : ", ") }
        write(format)
      }
      write(" only, which nothing here reads; have another program make pictures of it: ffmpeg -f v4l2 -i ")
      write(printable: device)
      write(" -c:v mjpeg -f mjpeg - | ocellus classify --model M -")
    case .slowInTheDark:
      write(
        "in the dark it exposes for longer and may halve its rate (exposure priority is on): use --exposure steady"
      )
    case .longExposure(let exposure): write(exposure)
    case .bandwidth(let bandwidth):
      write("its frames are ")
      write(bandwidth)
      write(" or a smaller --rate or --size")
    case .sharedBandwidth(let bandwidth, let cameras):
      write("the frames of the ")
      write(cameras)
      write(" cameras of its USB bus are ")
      write(bandwidth)
      write(" smaller rates or sizes, or a socket of another USB controller")
    }
  }

  private mutating func write(_ exposure: CameraFinding.LongExposure) {
    write("it exposes for ")
    write(tenths: exposure.microseconds, of: 1000)
    write(" ms, and a frame should come every ")
    write(tenths: exposure.intervalMicroseconds, of: 1000)
    write(" ms; use ")
    if exposure.canBeSteady {
      write("--exposure steady")
    } else if exposure.isAutomatic {
      write("more light, or --exposure ")
      write(exposure.intervalMicroseconds)
    } else {
      write("--exposure auto")
    }
  }

  private mutating func write(refusal error: CameraError) {
    switch error {
    case .gone: write("its node is there, but the device is not")
    case .system(let error, let step):
      write(step.text)
      write(" fails: ")
      write(error.text)
    default: write(error.text)
    }
    write("; unplug it and plug it in again, then see what the kernel says: sudo dmesg | tail")
  }

  private mutating func write(busy holders: [NodeHolder], _ device: [CChar]) {
    write("busy: another program streams from it")
    if holders.isEmpty {
      write(", of another user: sudo ocellus cameras names it, or sudo fuser -v ")
      write(printable: device)
      return
    }
    write(", ")
    write(holders)
    write("; end it: kill")
    write(numbers: holders)
  }

  private mutating func write(_ holders: [NodeHolder]) {
    for (index, holder) in holders.enumerated() {
      if index > 0 { write(", ") }
      write("process ")
      write(holder.process)
      write(" (")
      write(printable: holder.name)
      write(")")
    }
  }

  private mutating func write(numbers holders: [NodeHolder]) {
    for holder in holders {
      write(" ")
      write(holder.process)
    }
  }

  private mutating func write(_ bandwidth: CameraFinding.Bandwidth) {
    write(tenths: bandwidth.needed, of: 1_000_000)
    write(" MB a second, and USB carries ")
    write(tenths: bandwidth.available, of: 1_000_000)
    write(bandwidth.hasJPEG ? " at most: use --format MJPG," : " at most: use")
  }
}
