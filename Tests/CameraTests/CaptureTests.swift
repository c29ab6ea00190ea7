import Camera
import Foundation
import ScriptedCamera
import Testing

/// A stream on scripted cameras that is driven by the test: the clock goes on only while something waits.
struct DrivenStream {
  let system: ScriptedSystem
  let stream: CameraStream<ScriptedSystem>

  init(
    _ devices: [ScriptedDevice], name: String? = "/dev/video0", request: CameraRequest = .small
  ) throws {
    system = ScriptedSystem(devices)
    stream = try CameraStream(name, request, system: system)
  }

  /// The next frame, after as many turns as it takes, at most so much time.
  func next(within microseconds: Int64 = 10_000_000) -> CameraFrame? {
    let end = system.now + microseconds
    while true {
      if let frame = stream.next(microseconds: 0) { return frame }
      if system.now >= end { return nil }
      stream.turn()
    }
  }

  /// Turns until a time.
  func run(until time: Int64) { while system.now < time { stream.turn() } }
}

extension CameraStream {
  convenience init(_ name: String?, _ request: CameraRequest, system: System) throws(CameraError) {
    guard let name else {
      try self.init(UnsafePointer<CChar>?.none, request, system: system)
      return
    }
    let text = Array(name.utf8CString)
    // The name is copied.
    let address = UnsafeMutablePointer<CChar>.allocate(capacity: text.count)
    defer { address.deallocate() }
    address.initialize(from: text, count: text.count)
    try self.init(UnsafePointer(address), request, system: system)
  }
}

extension CameraRequest {
  static var small: CameraRequest { CameraRequest(leastWidth: 64, leastHeight: 48, wantsColors: true) }
}

extension ScriptedDevice {
  static var plain: ScriptedDevice { ScriptedDevice(formats: [.init(.yuyv, [.size(64, 48)])]) }

  /// Sends JPEGs, or what passes for them until they are decoded.
  static var motionJPEG: ScriptedDevice {
    var device = ScriptedDevice(formats: [.init(.mjpeg, [.size(64, 48)])])
    device.fill = { frame, _, memory in
      let length = 600 + frame % 7
      memory[0] = 0xFF
      memory[1] = 0xD8
      for index in 2..<length - 2 { memory[index] = UInt8(truncatingIfNeeded: frame &* 31 &+ index) & 0x7F }
      memory[length - 2] = 0xFF
      memory[length - 1] = 0xD9
      return length
    }
    return device
  }
}

@Suite struct CaptureTests {
  @Test func framesArriveWholeAndInOrder() throws {
    let driven = try DrivenStream([.plain])
    for number in 0..<200 {
      let frame = try #require(driven.next())
      #expect(frame.bytes.count == 64 * 48 * 2)
      #expect(frame.bytes.allSatisfy { $0 == UInt8(number & 0xFF) })
      #expect(frame.capturedMicroseconds <= frame.arrivedMicroseconds)
      #expect(frame.dropped == 0)
      driven.stream.release()
    }
    #expect(driven.stream.faults == FaultCounts())
    #expect(driven.system.violations == [])
  }

  /// The frame that inference begins with is never older than one interval and 5 ms, however slow the consumer is.
  @Test(arguments: [0, 1, 3, 7, 10, 33, 100])
  func newestFrameAlways(_ times: Int64) throws {
    let driven = try DrivenStream([.plain])
    let interval: Int64 = 33_333
    var last = -1
    for _ in 0..<200 {
      let frame = try #require(driven.next())
      let age = driven.system.now - frame.capturedMicroseconds
      #expect(age <= interval + 5000)
      let number = Int(frame.bytes[0])
      if times <= 1 { #expect(frame.dropped == 0) }
      if times >= 2 && last >= 0 { #expect((number - last) & 0xFF == (frame.dropped + 1) & 0xFF) }
      last = number
      driven.stream.release()
      // The consumer computes; the capturing side goes on meanwhile.
      driven.run(until: driven.system.now + times * interval - 1000)
    }
    #expect(driven.system.violations == [])
  }

  /// A sound frame that only damaged ones have followed, or none, is one of the past.
  @Test func noFrameOfThePast() throws {
    var device = ScriptedDevice.plain
    for frame in 20..<50 { device.incidents[frame] = .flagged }
    device.incidents[90] = .pause(2_500_000)
    let driven = try DrivenStream([device])
    let interval: Int64 = 33_333
    while driven.system.frameCount(0) < 150 {
      let frame = try #require(driven.next())
      #expect(driven.system.now - frame.capturedMicroseconds <= interval + 5000)
      driven.stream.release()
      driven.run(until: driven.system.now + 5 * interval - 1000)
    }
    #expect(driven.stream.faults[.flagged] == 30)
    #expect(driven.stream.faults[.stalled] == 0)
    #expect(driven.system.violations == [])
  }

  @Test func aHeldFrameStaysAsItIs() throws {
    let driven = try DrivenStream([.plain])
    let frame = try #require(driven.next())
    let value = frame.bytes[0]
    driven.run(until: driven.system.now + 5_000_000)
    #expect(frame.bytes.allSatisfy { $0 == value })
    driven.stream.release()
    let newest = try #require(driven.next())
    #expect(newest.dropped > 100)
    driven.stream.release()
  }

  /// 100 times: unplugged for some seconds, back under another number; streaming again within 2 s, nothing left open.
  @Test func unpluggedAndPluggedInAgain() throws {
    var device = ScriptedDevice.plain
    for cycle in 0..<100 {
      device.incidents[10 * (cycle + 1)] = .unplug(
        microseconds: Int64(300_000 + cycle * 37_000), number: cycle * 7 % 5)
    }
    let driven = try DrivenStream([device])
    var gone = 0
    while gone < 100 {
      if driven.next(within: 20_000) != nil { driven.stream.release() }
      guard driven.stream.faults[.gone] > gone else { continue }
      gone += 1
      let returns = driven.system.now + Int64(300_000 + (gone - 1) * 37_000)
      let frame = try #require(driven.next())
      #expect(driven.system.now - returns < 2_000_000)
      #expect(frame.bytes.count == 64 * 48 * 2)
      driven.stream.release()
      #expect(driven.system.openCount == 1)
      #expect(driven.system.mappedCount == 5)
    }
    #expect(driven.stream.faults[.back] == 100)
    #expect(driven.system.violations == [])
  }

  /// The consumer looks at a frame while the camera goes: its memory stays until it is given back.
  @Test func unpluggedWhileAFrameIsLookedAt() throws {
    var device = ScriptedDevice.plain
    device.incidents[5] = .unplug(microseconds: 200_000, number: 3)
    let system = ScriptedSystem([device], isRealTime: true)
    let stream = try CameraStream("/dev/video0", .small, system: system)
    try stream.start()
    var frames = 0
    while stream.faults[.back] == 0 || frames < 20 {
      guard let frame = stream.next(microseconds: 500_000) else { continue }
      let value = frame.bytes[0]
      usleep(50_000)
      #expect(frame.bytes.allSatisfy { $0 == value })
      stream.release()
      frames += 1
    }
    #expect(stream.faults[.gone] == 1)
    #expect(system.violations == [])
  }

  @Test func everythingIsClosedAtTheEnd() throws {
    let system = ScriptedSystem([.plain], isRealTime: true)
    do {
      let stream = try CameraStream("/dev/video0", .small, system: system)
      try stream.start()
      for _ in 0..<5 where stream.next(microseconds: 900_000) != nil { stream.release() }
    }
    #expect(system.openCount == 0)
    #expect(system.mappedCount == 0)
    #expect(system.violations == [])
  }

  @Test func reopensWhenAsked() throws {
    let driven = try DrivenStream([.plain])
    _ = try #require(driven.next())
    driven.stream.release()
    driven.stream.reopen()
    _ = driven.next(within: 1_000_000)
    driven.stream.release()
    _ = try #require(driven.next())
    #expect(driven.stream.faults[.back] == 1)
    #expect(driven.system.openings == 2)
    #expect(driven.system.openCount == 1)
  }

  /// Signs of life, with and without a camera, as long as nothing holds the capturing side up.
  @Test func turnsGoOn() throws {
    var device = ScriptedDevice.plain
    device.incidents[30] = .unplug(microseconds: 3_000_000, number: 0)
    let driven = try DrivenStream([device])
    for second in 1...8 {
      let turns = driven.stream.turns
      driven.run(until: Int64(second) * 1_000_000 + 1_000_000)
      #expect(driven.stream.turns > turns + 8)
    }
    #expect(driven.stream.faults[.back] == 1)
  }

  /// To open it again is what is done about a camera that is gone, anyway.
  @Test func reopensOnceWhenGone() throws {
    var device = ScriptedDevice.plain
    device.incidents[5] = .unplug(microseconds: 700_000, number: 0)
    let driven = try DrivenStream([device])
    while driven.stream.faults[.gone] == 0 {
      if driven.next(within: 20_000) != nil { driven.stream.release() }
    }
    driven.stream.reopen()
    for _ in 0..<20 {
      #expect(driven.next() != nil)
      driven.stream.release()
    }
    #expect(driven.stream.faults[.back] == 1)
  }
}
