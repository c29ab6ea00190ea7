import Camera
import FirmwareModel
import Foundation
import Imaging
import Kernels
import Platform
import Runtime
import ScriptedCamera

/// Classifies the frames of a scripted camera:
///
///     camera-soak soak MODEL.ocm FORMAT FRAMES [PICTURE.jpg]     as many frames one after the other
///     camera-soak latency MODEL.ocm FORMAT FRAMES [PICTURE.jpg]  at 30 a second of the real clock, with a thread
///
/// It tells the resident memory after a tenth of the frames and at the end; or the time from a frame's capture to its
/// answer beyond that of inference itself.
@main struct CameraSoak {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count >= 5, let frames = Int(arguments[4]), let format = FourCC(arguments[3]) else {
      FileHandle.standardError.write(
        Data("usage: camera-soak soak|latency MODEL.ocm FORMAT FRAMES [PICTURE.jpg]\n".utf8))
      exit(2)
    }
    let picture = arguments.count > 5 ? try Data(contentsOf: URL(fileURLWithPath: arguments[5])) : Data()
    let isTimed = arguments[1] == "latency"
    let run = try Run(arguments[2], format, Array(picture), isRealTime: isTimed)
    if isTimed { try run.time(frames) } else { try run.soak(frames) }
    fflush(nil)
    // Not exit, which would run what C programs have left for it: allocations are counted up to here.
    _exit(0)
  }
}

/// A camera, a model and what lies between them.
final class Run {
  private let file: MappedFile
  private let interpreter: Interpreter
  private let stream: CameraStream<ScriptedSystem>
  private var reader: FrameReader

  init(_ model: String, _ format: FourCC, _ picture: [UInt8], isRealTime: Bool) throws {
    file = try MappedFile(path: model)
    let kernels = InstructionSet.best.kernels!
    interpreter = try Interpreter(FirmwareModel(reading: file.bytes), kernels: kernels, threads: 1)
    let image = interpreter.model.image!
    var device = ScriptedDevice(formats: [.init(format, [.size(640, 480)])])
    if format.isJPEG {
      device.fill = { _, _, memory in
        memory.copyBytes(from: picture)
        return picture.count
      }
    }
    let system = ScriptedSystem([device], isRealTime: isRealTime)
    let request = CameraRequest(leastWidth: image.width, leastHeight: image.height, wantsColors: true)
    stream = try CameraStream(nil, request, system: system)
    reader = try FrameReader(image, kernels: kernels)
    interpreter.waitUntilPacked()
  }

  /// Reads a frame, gives it back and runs the model.
  ///
  /// - Returns: How long the model took.
  private func look(at frame: CameraFrame) throws -> Int64 {
    let tensor = interpreter.input(0).bindMemory(to: Int8.self).baseAddress!
    guard try reader.read(frame, into: tensor) == .done else { fatalError("a frame could not be read") }
    stream.release()
    let start = Clock.nanoseconds
    interpreter.run()
    return Clock.nanoseconds - start
  }

  func soak(_ count: Int) throws {
    // What the measuring itself takes is taken before.
    var early = residentKilobytes()
    for number in 0..<count {
      while true {
        if let frame = stream.next(microseconds: 0) {
          _ = try look(at: frame)
          break
        }
        stream.turn()
      }
      if number == count / 10 { early = residentKilobytes() }
    }
    print("\(count) frames, \(early) kB resident after a tenth of them, \(residentKilobytes()) kB at the end")
  }

  func time(_ count: Int) throws {
    try stream.start()
    var overheads: [Int64] = []
    while overheads.count < count {
      guard let frame = stream.next(microseconds: 900_000) else { continue }
      let captured = frame.capturedMicroseconds * 1000
      let inference = try look(at: frame)
      overheads.append(Clock.nanoseconds - captured - inference)
    }
    overheads.sort()
    let median = overheads[count / 2] / 1000
    let most = overheads[count * 99 / 100] / 1000
    print(
      "\(count) frames, from capture to answer beyond inference: median \(median) us, 99 of 100 below \(most) us"
    )
  }

  private func residentKilobytes() -> Int {
    let fields = File.text("/proc/self/statm").split(separator: " ")
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * 4 : 0
  }
}

extension File {
  fileprivate static func text(_ path: String) -> String {
    (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
  }
}
