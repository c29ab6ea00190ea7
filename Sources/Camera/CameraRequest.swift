/// What a stream should be like.
public struct CameraRequest: Sendable {
  /// What becomes of the camera's exposure.
  public enum Exposure: Equatable, Sendable {
    /// As the camera has it.
    case unchanged
    /// Automatic, and as long as the light needs, be it longer than a frame.
    case automatic
    /// Automatic, but never so long that frames come later than the rate says.
    case steady
    /// So long, in microseconds.
    case manual(microseconds: Int64)
  }

  /// The smallest picture that suffices: that which the model's input is cut from.
  public var leastWidth: Int
  public var leastHeight: Int
  /// False where gray pictures are as good.
  public var wantsColors: Bool
  /// What is set must be so; nil is for the camera and the above to settle.
  public var format: FourCC?
  public var width: Int?
  public var height: Int?
  /// Frames in 1000 seconds.
  public var millihertz: Int64?
  public var exposure = Exposure.unchanged

  public init(leastWidth: Int, leastHeight: Int, wantsColors: Bool) {
    self.leastWidth = leastWidth
    self.leastHeight = leastHeight
    self.wantsColors = wantsColors
  }
}
