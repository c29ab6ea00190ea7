import Foundation
import Platform
import Testing

/// What systemd is told, through the socket that it names.
@Suite(.serialized) struct ServiceManagerTests {
  @Test func tellsTheManager() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "ocellus-\(getpid())").path
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    defer {
      close(descriptor)
      unlink(path)
    }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0)
    func received() -> String {
      var buffer = [UInt8](repeating: 0, count: 100)
      let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
      return count < 0 ? "" : String(decoding: buffer[..<count], as: UTF8.self)
    }
    setenv("NOTIFY_SOCKET", path, 1)
    var manager = ServiceManager()
    manager.tellReady()
    #expect(received() == "READY=1")
    // Signs of life are not sent more often than each second.
    manager.tellAlive()
    manager.tellAlive()
    #expect(received() == "WATCHDOG=1")
    #expect(received() == "")
    manager.tellStopping()
    #expect(received() == "STOPPING=1")
    unsetenv("NOTIFY_SOCKET")
    let nobody = ServiceManager()
    nobody.tellReady()
    #expect(received() == "")
  }
}
