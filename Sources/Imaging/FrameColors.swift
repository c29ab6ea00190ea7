import Kernels

/// What a camera's values mean: the matrix that luma and colour differences were made with, and their range.
///
/// With the shares Kr, Kg and Kb of red, green and blue in luma, R = Y + 2(1 − Kr) · V, B = Y + 2(1 − Kb) · U and
/// G = Y − 2(1 − Kb)Kb/Kg · U − 2(1 − Kr)Kr/Kg · V. In the limited range luma (or red, green and blue) from black
/// to white is 16...235 and a colour difference is 16...240; in the full range both are 0...255. Colour differences
/// are around 128. Nothing is done about primaries and transfer functions: networks are trained on pictures of
/// any.
public struct FrameColors: Equatable, Sendable {
  public enum Matrix: Equatable, Sendable, CaseIterable {
    /// ITU-R BT.601 (also sYCC and xvYCC's).
    case bt601
    /// ITU-R BT.709.
    case bt709
    /// ITU-R BT.2020, for which its variant of constant luminance is taken, too.
    case bt2020
    /// SMPTE 240M.
    case smpte240M

    /// The shares of red and blue in luma, in ten thousandths.
    var shares: (red: Int64, blue: Int64) {
      switch self {
      case .bt601: (2990, 1140)
      case .bt709: (2126, 722)
      case .bt2020: (2627, 593)
      case .smpte240M: (2120, 870)
      }
    }
  }

  public enum Range: Equatable, Sendable, CaseIterable {
    case limited, full
  }

  public var matrix: Matrix
  public var range: Range

  public init(matrix: Matrix, range: Range) {
    self.matrix = matrix
    self.range = range
  }

  /// What three fields of `v4l2_pix_format` say.
  ///
  /// Defaults are resolved as V4L2_MAP_YCBCR_ENC_DEFAULT and V4L2_MAP_QUANTIZATION_DEFAULT of the kernel's
  /// `videodev2.h` do. GREY is of the full range by default, as RGB is: the kernel's own test driver has it so, and
  /// so do infrared cameras. Values that the header does not know are taken as defaults.
  public init(colorspace: UInt32, encoding: UInt32, quantization: UInt32, layout: FrameFormat.Layout) {
    switch encoding {
    case 1, 3, 5: matrix = .bt601  // V4L2_YCBCR_ENC_601, _XV601, _SYCC
    case 2, 4: matrix = .bt709  // _709, _XV709
    case 6, 7: matrix = .bt2020  // _BT2020, _BT2020_CONST_LUM
    case 8: matrix = .smpte240M  // _SMPTE240M
    default:
      switch colorspace {
      case 3, 12: matrix = .bt709  // V4L2_COLORSPACE_REC709, _DCI_P3
      case 10: matrix = .bt2020  // _BT2020
      case 2: matrix = .smpte240M  // _SMPTE240M
      default: matrix = .bt601
      }
    }
    switch quantization {
    case 1: range = .full  // V4L2_QUANTIZATION_FULL_RANGE
    case 2: range = .limited  // _LIM_RANGE
    default: range = !layout.hasChroma || colorspace == 7 ? .full : .limited  // V4L2_COLORSPACE_JPEG
    }
  }

  /// The factors that kernels compute with.
  var factors: ColorFactors {
    let (red, blue) = matrix.shares
    let unit: Int64 = 10_000
    let green = unit - red - blue
    let isLimited = range == .limited
    /// `64 · 2^15 · 2 / 255 · 255/219 · numerator / denominator`, or without 255/219.
    func light(_ numerator: Int64, _ denominator: Int64) -> Int16 {
      rounded((1 << 22) * numerator, (isLimited ? 219 : 255) * denominator)
    }
    /// `64 · 2^15 / 255 · 255/224 · numerator / denominator`, or without 255/224.
    func difference(_ numerator: Int64, _ denominator: Int64) -> Int16 {
      rounded((1 << 21) * numerator, (isLimited ? 224 : 255) * denominator)
    }
    let luma = light(1, 1)
    // Gray is as BT.601 weighs the colours, whatever the matrix: it is what networks are trained with.
    let (grayFromRed, grayFromBlue) = (light(299, 1000), light(114, 1000))
    return ColorFactors(
      black: isLimited ? 16 : 0, luma: luma,
      redFromV: difference(2 * (unit - red), unit),
      greenFromU: difference(2 * (unit - blue) * blue, unit * green),
      greenFromV: difference(2 * (unit - red) * red, unit * green),
      blueFromU: difference(2 * (unit - blue), unit),
      grayFromRed: grayFromRed, grayFromGreen: luma - grayFromRed - grayFromBlue, grayFromBlue: grayFromBlue)
  }

  /// A ratio of positive integers, halves up.
  private func rounded(_ numerator: Int64, _ denominator: Int64) -> Int16 {
    Int16(truncatingIfNeeded: (2 * numerator + denominator) / (2 * denominator))
  }
}
