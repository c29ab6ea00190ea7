import CV4L
import Platform

/// The time from a frame to the next, in seconds as a fraction.
public struct FrameInterval: Equatable, Sendable {
  public var numerator: UInt32
  public var denominator: UInt32

  public init(numerator: UInt32, denominator: UInt32) {
    self.numerator = numerator
    self.denominator = denominator
  }

  init(_ fraction: ocellus_v4l2_fract) {
    self.init(numerator: fraction.numerator, denominator: fraction.denominator)
  }

  /// Neither member is zero.
  public var isValid: Bool { numerator > 0 && denominator > 0 }

  /// Rounded to microseconds; 0 where it is not known.
  public var microseconds: Int64 {
    isValid ? (Int64(numerator) * 1_000_000 + Int64(denominator) / 2) / Int64(denominator) : 0
  }

  /// Frames in 1000 seconds; 0 where it is not known.
  public var millihertz: Int64 {
    isValid ? (Int64(denominator) * 1000 + Int64(numerator) / 2) / Int64(numerator) : 0
  }
}

/// A size that a camera sends in, and its shortest interval.
public struct FrameSize: Equatable, Sendable {
  public var width: Int
  public var height: Int
  /// Invalid where the driver does not say.
  public var shortestInterval: FrameInterval

  public init(width: Int, height: Int, shortestInterval: FrameInterval) {
    self.width = width
    self.height = height
    self.shortestInterval = shortestInterval
  }
}

/// A format that a camera sends in.
public struct DeviceFormat: Sendable {
  public let format: FourCC
  /// The driver's words, ended by a zero.
  public private(set) var description = InlineArray<33, UInt8>(repeating: 0)
  /// Empty where the driver does not list them.
  public internal(set) var sizes: [FrameSize] = []
  /// Any size of a range, from the first to the last of `sizes`, in such steps.
  public internal(set) var steps: (width: Int, height: Int)?

  init(_ value: ocellus_v4l2_fmtdesc) {
    format = FourCC(code: value.pixelformat)
    withUnsafeBytes(of: value.description) { bytes in
      for index in 0..<32 { description[index] = bytes[index] }
    }
  }

  /// Whether a device has a sensor's raw data only.
  static func areRaw(_ formats: [DeviceFormat]) -> Bool {
    for format in formats where !format.format.isBayer { return false }
    return !formats.isEmpty
  }
}

/// Lists what an open device sends in. Drivers' lists are taken with care: they end at a bound.
struct FormatLister<System: CameraSystem> {
  private static var mostFormats: UInt32 { 256 }
  private static var mostSizes: UInt32 { 256 }
  /// Across and down.
  private static var mostPixels: UInt32 { 65535 }

  let system: System
  let descriptor: Int32

  func formats() -> [DeviceFormat] {
    var formats: [DeviceFormat] = []
    for index in 0..<Self.mostFormats {
      var value = ocellus_v4l2_fmtdesc()
      value.index = index
      value.type = OCELLUS_V4L2_BUF_TYPE_VIDEO_CAPTURE
      guard ask(OCELLUS_VIDIOC_ENUM_FMT, &value) else { break }
      var format = DeviceFormat(value)
      addSizes(&format)
      formats.append(format)
    }
    return formats
  }

  private func addSizes(_ format: inout DeviceFormat) {
    for index in 0..<Self.mostSizes {
      var value = ocellus_v4l2_frmsizeenum()
      value.index = index
      value.pixel_format = format.format.code
      guard ask(OCELLUS_VIDIOC_ENUM_FRAMESIZES, &value) else { break }
      if value.type == OCELLUS_V4L2_FRMSIZE_TYPE_DISCRETE {
        add(value.min_width, value.max_width_or_height, to: &format)
      } else {
        add(value.min_width, value.min_height, to: &format)
        add(value.max_width_or_height, value.max_height, to: &format)
        format.steps = (
          Int(min(max(value.step_width, 1), Self.mostPixels)),
          Int(min(max(value.step_height, 1), Self.mostPixels))
        )
        break
      }
    }
  }

  private func add(_ width: UInt32, _ height: UInt32, to format: inout DeviceFormat) {
    let range = 1...Self.mostPixels
    guard range.contains(width), range.contains(height) else { return }
    format.sizes.append(
      FrameSize(
        width: Int(width), height: Int(height),
        shortestInterval: shortestInterval(format.format, width, height)))
  }

  private func shortestInterval(_ format: FourCC, _ width: UInt32, _ height: UInt32) -> FrameInterval {
    var shortest = FrameInterval(numerator: 0, denominator: 0)
    for index in 0..<Self.mostSizes {
      var value = ocellus_v4l2_frmivalenum()
      value.index = index
      value.pixel_format = format.code
      value.width = width
      value.height = height
      guard ask(OCELLUS_VIDIOC_ENUM_FRAMEINTERVALS, &value) else { break }
      // Where any of a range is possible, the first is the shortest.
      let interval = FrameInterval(value.interval.0)
      if interval.isValid && (!shortest.isValid || interval.millihertz > shortest.millihertz) {
        shortest = interval
      }
      if value.type != OCELLUS_V4L2_FRMIVAL_TYPE_DISCRETE { break }
    }
    return shortest
  }

  private func ask<Value>(_ request: ocellus_v4l2_request, _ value: inout Value) -> Bool {
    do throws(SystemError) {
      try system.control(descriptor, request, of: &value)
      return true
    } catch { return false }
  }
}
