import CLinux
import Camera
import Imaging
import Kernels
import Platform

/// Saves frames as JPEGs in a folder: `frame-00000001.jpg` and so on, with more digits where eight are not enough. The
/// oldest make room for new ones.
struct FrameSaver: ~Copyable {
  static let prefix: StaticString = "frame-"
  static let suffix: StaticString = ".jpg"
  static let digits = 8

  private let folder: UnsafePointer<CChar>
  private let limit: Int64
  private let kernels: KernelTable
  /// The numbers of the oldest file and of the next one, and the bytes of all.
  private var oldest = 1
  private(set) var next = 1
  private var bytes: Int64 = 0
  /// The frame to be saved: by the time it is known whether it is, the camera has it back.
  private var copy: Pages?
  private var address: UnsafeMutableRawPointer?
  private var capacity = 0
  private var copyCount = 0
  private var format: StreamFormat?
  private var encoder: JPEGEncoder?

  /// Opens a folder, making it if it is not there.
  ///
  /// - Parameter limit: The most bytes that the pictures may take together.
  init(_ folder: UnsafePointer<CChar>, limit: Int64, kernels: KernelTable) throws(Failure) {
    self.folder = folder
    self.limit = limit
    self.kernels = kernels
    if !File.isDirectory(folder) {
      guard mkdir(folder, 0o755) == 0 else { throw .system(.last, folder) }
    }
    let names: [[CChar]]
    do throws(SystemError) { names = try File.names(in: folder) } catch { throw .system(error, folder) }
    var first = Int.max
    for name in names {
      guard let number = FrameSaver.number(name) else { continue }
      first = min(first, number)
      next = max(next, number + 1)
      bytes += File.size(File.join(folder, name)) ?? 0
    }
    oldest = min(first, next)
  }

  /// The folder that the arguments name, if they name one.
  static func open(_ arguments: Arguments, kernels: KernelTable) throws(Failure) -> FrameSaver? {
    let limit = try arguments.integer("--save-limit", 1...1_000_000, default: 100)
    guard let folder = arguments.value("--save-frames") else { return nil }
    return try FrameSaver(folder, limit: Int64(limit) * 1_000_000, kernels: kernels)
  }

  private static func number(_ name: [CChar]) -> Int? {
    let length = name.count - 1
    let digits = length - prefix.utf8CodeUnitCount - suffix.utf8CodeUnitCount
    // Nine last for a year at 30 frames a second, and are an Int everywhere.
    guard (FrameSaver.digits...9).contains(digits) else { return nil }
    var number = 0
    for index in 0..<length {
      let byte = UInt8(bitPattern: name[index])
      if index < prefix.utf8CodeUnitCount {
        if byte != prefix.utf8Start[index] { return nil }
      } else if index < prefix.utf8CodeUnitCount + digits {
        if byte < 0x30 || byte > 0x39 { return nil }
        number = number * 10 + Int(byte - 0x30)
      } else if byte != suffix.utf8Start[index - prefix.utf8CodeUnitCount - digits] {
        return nil
      }
    }
    return number
  }

  private func path(_ number: Int) -> [CChar] {
    var name: [CChar] = []
    for index in 0..<FrameSaver.prefix.utf8CodeUnitCount {
      name.append(CChar(bitPattern: FrameSaver.prefix.utf8Start[index]))
    }
    var divisor = 10_000_000
    while number / divisor >= 10 { divisor *= 10 }
    while divisor > 0 {
      name.append(CChar(0x30 + number / divisor % 10))
      divisor /= 10
    }
    for index in 0..<FrameSaver.suffix.utf8CodeUnitCount {
      name.append(CChar(bitPattern: FrameSaver.suffix.utf8Start[index]))
    }
    return File.join(folder, name + [0])
  }

  /// Keeps a frame until it is known whether it is saved.
  mutating func keep(_ frame: CameraFrame) throws(SystemError) {
    let count = frame.bytes.count
    // Without memory for this one there is none to be saved.
    copyCount = 0
    if capacity < count {
      // The old memory first.
      copy = nil
      (address, capacity) = (nil, 0)
      let pages = try Pages(count: max(count, frame.format.imageBytes))
      (address, capacity) = (pages.address, pages.count)
      copy = consume pages
    }
    address!.copyMemory(from: frame.bytes.baseAddress!, byteCount: count)
    copyCount = count
    if frame.format != format { encoder = nil }
    format = frame.format
  }

  /// Saves the frame kept.
  ///
  /// - Returns: Its number; nil where none was kept.
  /// - Throws: Also where no picture can be made of the format.
  mutating func save() throws(Failure) -> Int? {
    guard let format, copyCount > 0 else { return nil }
    let frame = UnsafeRawBufferPointer(start: address, count: copyCount)
    if format.format.isJPEG { return try save(jpeg: frame) }
    guard let frameFormat = format.frameFormat else {
      throw .failed(folder, "no pictures are made of frames of this format; choose another with --format")
    }
    let jpeg: UnsafeRawBufferPointer
    do throws(ImageError) {
      if encoder == nil { encoder = try JPEGEncoder(frameFormat, kernels: kernels) }
      jpeg = try encoder!.encode(frame)
    } catch { throw .failed(folder, error.text) }
    return try save(jpeg: jpeg)
  }

  /// Saves a JPEG.
  ///
  /// - Returns: Its number.
  mutating func save(jpeg: UnsafeRawBufferPointer) throws(Failure) -> Int {
    let size = Int64(jpeg.count)
    guard size <= limit else { throw .failed(folder, "a frame takes more room than --save-limit leaves") }
    while bytes + size > limit && oldest < next { removeOldest() }
    let number = next
    let path = path(number)
    let error: SystemError? = path.withUnsafeBufferPointer { path in
      do throws(SystemError) {
        try File.write(jpeg, to: path.baseAddress!, isFlushed: false)
        return nil
      } catch { return error }
    }
    if let error { throw .system(error, folder) }
    bytes += size
    next += 1
    return number
  }

  private mutating func removeOldest() {
    let path = path(oldest)
    // One that somebody else has removed takes no room.
    if let size = File.size(path) {
      path.withUnsafeBufferPointer { _ = unlink($0.baseAddress!) }
      bytes -= size
    }
    oldest += 1
  }
}
