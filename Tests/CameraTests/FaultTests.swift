import CV4L
import Camera
import ScriptedCamera
import Testing

/// What goes wrong in a driver, how it is counted, and that the stream goes on.
@Suite struct FaultTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var incident: ScriptedDevice.Incident
    /// Nil where nothing is to be said.
    var fault: Fault?
    var device = ScriptedDevice.motionJPEG
    var isRestarted = false

    var testDescription: String { "\(incident)" }
  }

  static let cases: [Case] = [
    Case(incident: .transferError, fault: .transfer),
    Case(incident: .transferErrorLosingBuffer, fault: .transfer),
    Case(incident: .falseAlarm, fault: nil),
    Case(incident: .flagged, fault: .flagged),
    Case(incident: .bytes(0), fault: .empty),
    Case(incident: .bytes(127), fault: .short),
    Case(incident: .bytes(64 * 48 * 2 - 1), fault: .short, device: .plain),
    Case(incident: .bytes(0), fault: .empty, device: .plain),
    Case(incident: .truncated(2), fault: .truncatedJPEG),
    Case(incident: .truncated(300), fault: .truncatedJPEG),
    Case(incident: .noHeader, fault: .notJPEG),
    Case(incident: .padded(1000), fault: nil),
    Case(incident: .wrongIndex(77), fault: .wrongBuffer, isRestarted: true),
    Case(incident: .wrongIndex(0xFFFF_FFFF), fault: .wrongBuffer, isRestarted: true),
    Case(incident: .lost(3), fault: nil),
    Case(incident: .pause(900_000), fault: nil),
    Case(incident: .pause(8_000_000), fault: .stalled, isRestarted: true),
    Case(incident: .stampOff(-500_000), fault: .timeStamp),
    Case(incident: .stampOff(5_000_000), fault: .timeStamp),
    Case(incident: .stampUnknown, fault: .timeStamp),
    Case(incident: .sourceChange(width: 128, height: 96), fault: .sourceChange, isRestarted: true),
    Case(incident: .fatal, fault: .driverError, isRestarted: true),
    Case(incident: .unplug(microseconds: 700_000, number: 0), fault: .gone, isRestarted: true),
    Case(incident: .unplug(microseconds: 700_000, number: 4), fault: .gone, isRestarted: true),
    Case(incident: .queueRefused, fault: .queueRefused, isRestarted: true),
  ]

  @Test(arguments: cases) func oneIncident(_ test: Case) throws {
    var device = test.device
    device.incidents[10] = test.incident
    let driven = try DrivenStream([device])
    for _ in 0..<60 {
      let frame = try #require(driven.next())
      // Whatever is handed over is whole.
      if driven.stream.format.format.isJPEG {
        #expect(frame.bytes[0] == 0xFF && frame.bytes[1] == 0xD8)
      } else {
        #expect(frame.bytes.count >= 64 * 48 * 2)
      }
      #expect(frame.capturedMicroseconds <= driven.system.now)
      #expect(frame.capturedMicroseconds > driven.system.now - 1_000_000)
      driven.stream.release()
    }
    var expected = FaultCounts()
    if let fault = test.fault { expected.add(fault) }
    if test.isRestarted { expected.add(.back) }
    if case .sourceChange = test.incident { expected.add(.formatChange) }
    for fault in Fault.allCases { #expect(driven.stream.faults[fault] == expected[fault], "\(fault)") }
    #expect(driven.system.openCount == 1)
    #expect(driven.system.openings == (test.isRestarted ? 2 : 1))
    #expect(driven.system.violations == [])
    if case .lost(let count) = test.incident { #expect(driven.stream.droppedFrames == count) }
    // One frame failed: the number of the next one says so.
    if test.fault == .transfer { #expect(driven.stream.droppedFrames == 1) }
  }

  /// All frames of a long time are bad: none is handed over, and what happens is counted.
  @Test(arguments: [
    (ScriptedDevice.Incident.flagged, Fault.flagged), (.bytes(0), .empty), (.truncated(50), .truncatedJPEG),
    (.transferError, .transfer), (.transferErrorLosingBuffer, .transfer), (.fatal, .driverError),
    (.queueRefused, .queueRefused),
  ])
  func manyIncidents(_ incident: ScriptedDevice.Incident, _ fault: Fault) throws {
    var device = ScriptedDevice.motionJPEG
    for frame in 10..<200 { device.incidents[frame] = incident }
    let driven = try DrivenStream([device])
    var frames = 0
    while driven.system.frameCount(0) < 300 && driven.system.now < 200_000_000 {
      if driven.next(within: 500_000) != nil {
        frames += 1
        driven.stream.release()
      }
    }
    #expect(driven.system.frameCount(0) >= 300)
    #expect(driven.stream.faults[fault] > 3)
    #expect(frames >= 100)
    #expect(driven.system.openCount == 1)
    #expect(driven.system.violations == [])
  }

  /// A camera that is there again but does not start at once.
  @Test func refusesToStartForAWhile() throws {
    var device = ScriptedDevice.plain
    device.incidents[10] = .unplug(microseconds: 100_000, number: 1)
    let driven = try DrivenStream([device])
    for _ in 0..<5 where driven.next() != nil { driven.stream.release() }
    driven.system.change(0) { $0.startErrors = 9 }
    while driven.stream.faults[.back] == 0 {
      if driven.next(within: 100_000) != nil { driven.stream.release() }
    }
    #expect(driven.stream.faults[.refused] == 1)
    let frame = try #require(driven.next())
    #expect(frame.bytes.count == 64 * 48 * 2)
    driven.stream.release()
    #expect(driven.system.openCount == 1)
    #expect(driven.system.violations == [])
  }

  /// An exposure that takes two frames' time.
  @Test func slowCamerasAreSaidToBe() throws {
    for slowness in [1, 2] as [Int64] {
      var device = ScriptedDevice.plain
      device.slowness = slowness
      let driven = try DrivenStream([device])
      for _ in 0..<100 {
        #expect(driven.next() != nil)
        driven.stream.release()
      }
      #expect(driven.stream.faults[.slow] == (slowness == 1 ? 0 : 1))
    }
  }

  /// Frames that are left out are none that come late.
  @Test func damagedFramesAreNotSlowOnes() throws {
    var device = ScriptedDevice.plain
    for frame in 0..<100 { device.incidents[2 * frame] = .flagged }
    let driven = try DrivenStream([device])
    while driven.system.frameCount(0) < 200 {
      #expect(driven.next() != nil)
      driven.stream.release()
    }
    #expect(driven.stream.faults[.flagged] >= 99)
    #expect(driven.stream.faults[.slow] == 0)
  }

  /// A second camera of the same make in another socket is not taken for the one that went.
  @Test func waitsForTheSameCamera() throws {
    var first = ScriptedDevice.plain
    first.incidents[10] = .unplug(microseconds: 5_000_000, number: 2)
    var second = ScriptedDevice.plain
    second.bus = "usb-0000:01:00.0-1.4"
    second.number = 1
    let driven = try DrivenStream([first, second])
    while driven.stream.faults[.back] == 0 {
      if driven.next(within: 100_000) != nil { driven.stream.release() }
    }
    #expect(driven.system.frameCount(1) == 0)
    #expect(driven.system.now > 5_000_000)
  }
}
