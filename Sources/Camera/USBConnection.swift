/// How a camera hangs on its USB bus, as /sys has it.
public struct USBConnection: Equatable, Sendable {
  /// The bus's number: cameras of the same bus share its time.
  public var bus: Int
  /// The connection's speed: 12 is USB 1, 480 is USB 2.
  public var megabits: Int
  /// Frames come this moment; false also where that does not show.
  public var isStreaming: Bool

  /// - Parameter node: A video node's name, such as `video0`.
  /// - Returns: Nil where its device is not a USB device's interface.
  init?(node: [CChar], _ system: some CameraSystem) {
    func device(_ file: StaticString) -> [CChar] {
      path(USBConnection.folder, path("", node, "/device/../"), file)
    }
    guard let bus = system.line(device("busnum")).flatMap(leadingInteger),
      let megabits = system.line(device("speed")).flatMap(leadingInteger)
    else { return nil }
    self.bus = bus
    self.megabits = megabits
    isStreaming = USBConnection.isStreaming(device(""), system)
  }

  private static let folder: StaticString = "/sys/class/video4linux/"

  /// Whether the video interface has been given a share of the bus's time, as it is while it streams: its alternate
  /// setting is then not 0. To ask so disturbs nobody, and tells of other users' programs, too.
  ///
  /// - Returns: False also for cameras with several such interfaces, or with bulk transfers, which reserve nothing.
  private static func isStreaming(_ device: [CChar], _ system: some CameraSystem) -> Bool {
    var interfaces = 0
    var active = 0
    // Interfaces are folders with a colon in their names.
    for name in system.list(device) where name.contains(0x3A) {
      func number(_ file: StaticString) -> Int? {
        system.line(path("", device + name, file)).flatMap(leadingInteger)
      }
      // Class 0e, subclass 02: video, streaming.
      guard system.line(path("", device + name, "/bInterfaceClass")) == [0x30, 0x65],
        number("/bInterfaceSubClass") == 2
      else { continue }
      interfaces += 1
      if (number("/bAlternateSetting") ?? 0) > 0 { active += 1 }
    }
    return interfaces == 1 && active == 1
  }

  var isUSB2: Bool { megabits == 480 }

  /// USB 2 gives an isochronous endpoint at most 3 packets of 1024 bytes in each of a second's 8000 microframes, and has
  /// room for one such endpoint on a bus.
  static var usb2BytesPerSecond: Int64 { 3 * 1024 * 8000 }

  /// The bytes a second that a camera can send at most; nil where that is no matter. USB 1 gives an endpoint 1023 bytes
  /// in each of 1000 frames.
  var bytesPerSecond: Int64? { megabits > 480 ? nil : isUSB2 ? Self.usb2BytesPerSecond : 1_023_000 }
}
