import CLinux

/// Tells a service manager that the program is ready, alive or about to end, in systemd's way: a datagram to the socket
/// that the environment names (sd_notify(3)). Without one, nothing is sent.
public struct ServiceManager: ~Copyable {
  private static let secondsBetweenSigns: Int64 = 1

  private let descriptor: Int32
  private var address = ocellus_local_address()
  private var length: UInt32 = 0
  private var lastSign: Int64 = 0

  public init() {
    guard
      let path = getenv(ServiceManager.variable.cString),
      path[0] == 0x2F || path[0] == 0x40, textLength(path) < 108
    else {
      descriptor = -1
      return
    }
    descriptor = socket(
      OCELLUS_FAMILY_LOCAL.value, OCELLUS_SOCKET_DATAGRAM.value | OCELLUS_CLOSE_ON_EXEC.value, 0)
    address.family = UInt16(OCELLUS_FAMILY_LOCAL.value)
    let count = textLength(path)
    withUnsafeMutableBytes(of: &address.path) { bytes in
      // A name that begins with "@" is none of the file system's: its first byte is zero.
      for index in 0..<count {
        bytes[index] = index == 0 && path[0] == 0x40 ? 0 : UInt8(bitPattern: path[index])
      }
    }
    length = UInt32(MemoryLayout<UInt16>.size + count)
  }

  private static let variable: StaticString = "NOTIFY_SOCKET"

  deinit { if descriptor >= 0 { close(descriptor) } }

  public func tellReady() { send("READY=1") }

  public func tellStopping() { send("STOPPING=1") }

  /// Gives a sign of life, if the last one is not too new.
  public mutating func tellAlive() {
    let now = Clock.microseconds
    guard descriptor >= 0, now - lastSign >= ServiceManager.secondsBetweenSigns * 1_000_000 else { return }
    lastSign = now
    send("WATCHDOG=1")
  }

  private func send(_ text: StaticString) {
    guard descriptor >= 0 else { return }
    var address = address
    // Nobody has to listen.
    _ = sendto(
      descriptor, text.utf8Start, ocellus_size(text.utf8CodeUnitCount), OCELLUS_SEND_WITHOUT_SIGNAL.value,
      &address, length)
  }
}
