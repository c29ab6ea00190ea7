/// Which of a camera's formats, sizes and rates to ask for.
public struct FormatChoice: Equatable, Sendable {
  public var format: FourCC
  public var width: Int
  public var height: Int
  /// Invalid where the driver does not list any.
  public var interval: FrameInterval

  /// A rate that is enough for pictures to be new, and the most that is asked for.
  private static let enoughMillihertz: Int64 = 15_000
  private static let mostMillihertz: Int64 = 30_000
  /// Asked for where a driver does not list its sizes, unless the model wants more: every camera has it.
  private static let usualSize = (width: 640, height: 480)

  /// Chooses the frames that cost least to look at: the smallest size that covers what the model needs, in a format that
  /// costs little, as often as asked for; among those too slow, the fastest.
  ///
  /// - Parameter formats: What the driver lists, in its order, which decides between equals.
  /// - Returns: Nil where nothing listed will do.
  public static func choose(_ formats: [DeviceFormat], _ request: CameraRequest) -> FormatChoice? {
    var best: FormatChoice?
    for format in formats {
      if let pinned = request.format, pinned != format.format { continue }
      guard let cost = FormatChoice.cost(format.format, request) else { continue }
      guard let size = FormatChoice.size(format, request) else { continue }
      let choice = FormatChoice(
        format: format.format, width: size.width, height: size.height,
        interval: interval(size.shortestInterval, request))
      if let other = best {
        let otherCost = FormatChoice.cost(other.format, request) ?? 0
        if !choice.isBetter(cost, than: other, otherCost, request) { continue }
      }
      best = choice
    }
    return best
  }

  private func isBetter(_ cost: Int, than other: FormatChoice, _ otherCost: Int, _ request: CameraRequest)
    -> Bool
  {
    let (covers, otherCovers) = (covers(request), other.covers(request))
    if covers != otherCovers { return covers }
    let enough = request.millihertz ?? FormatChoice.enoughMillihertz
    let (rate, otherRate) = (min(knownRate, enough), min(other.knownRate, enough))
    if rate != otherRate { return rate > otherRate }
    // Of those that don't cover, the largest.
    if !covers { return pixels > other.pixels }
    return Int64(cost) * pixels < Int64(otherCost) * other.pixels
  }

  private var pixels: Int64 { Int64(width) * Int64(height) }

  /// A rate that is not listed is taken to be enough.
  private var knownRate: Int64 { interval.isValid ? interval.millihertz : Int64.max }

  private func covers(_ request: CameraRequest) -> Bool {
    width >= request.leastWidth && height >= request.leastHeight
  }

  /// What a pixel costs to look at, about, in that of a plain format; nil where it can't be looked at.
  private static func cost(_ format: FourCC, _ request: CameraRequest) -> Int? {
    switch format {
    // Without colours a network that was taught with them sees less: only where there is nothing else.
    case .grey: return request.wantsColors ? 1000 : 2
    case .yuyv, .uyvy, .nv12, .nv21, .yu12, .yv12: return 3
    case .rgb24, .bgr24: return 4
    default: return format.isJPEG ? 12 : FrameConversion.canConvert(format) ? 20 : nil
    }
  }

  /// The smallest size that covers what is needed, or else the largest; the one asked for, if one is.
  private static func size(_ format: DeviceFormat, _ request: CameraRequest) -> FrameSize? {
    let unknown = FrameInterval(numerator: 0, denominator: 0)
    if let width = request.width, let height = request.height {
      for size in format.sizes where size.width == width && size.height == height { return size }
      // One of a range, or one that is not listed; the driver has the last word.
      if format.sizes.isEmpty || format.steps != nil {
        return FrameSize(
          width: width, height: height, shortestInterval: format.sizes.first?.shortestInterval ?? unknown)
      }
      return nil
    }
    if let steps = format.steps, let first = format.sizes.first, let last = format.sizes.last {
      return FrameSize(
        width: step(request.leastWidth, first.width, last.width, steps.width),
        height: step(request.leastHeight, first.height, last.height, steps.height),
        shortestInterval: first.shortestInterval)
    }
    var best: FrameSize?
    for size in format.sizes {
      guard let other = best else {
        best = size
        continue
      }
      let covers = size.width >= request.leastWidth && size.height >= request.leastHeight
      let otherCovers = other.width >= request.leastWidth && other.height >= request.leastHeight
      let isSmaller = Int64(size.width) * Int64(size.height) < Int64(other.width) * Int64(other.height)
      if covers != otherCovers ? covers : covers == isSmaller && size != other { best = size }
    }
    return best
      ?? FrameSize(
        width: max(request.leastWidth, usualSize.width), height: max(request.leastHeight, usualSize.height),
        shortestInterval: unknown)
  }

  /// The smallest value of a range in steps that is at least as large as needed, or the largest.
  private static func step(_ needed: Int, _ first: Int, _ last: Int, _ step: Int) -> Int {
    if needed <= first { return first }
    let value = first + (needed - first + step - 1) / step * step
    return value <= last ? value : last
  }

  private static func interval(_ shortest: FrameInterval, _ request: CameraRequest) -> FrameInterval {
    if let millihertz = request.millihertz, !shortest.isValid || shortest.millihertz > millihertz {
      return FrameInterval(numerator: 1000, denominator: UInt32(clamping: millihertz))
    }
    return request.millihertz == nil && shortest.millihertz > mostMillihertz
      ? FrameInterval(numerator: 1000, denominator: UInt32(mostMillihertz)) : shortest
  }
}
