#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// Zero point and limits of an output.
  struct OutputRange {
    /// As int32 and as int16.
    let zeroPoints: Vector
    let shortZeroPoints: Vector
    private let low: Vector
    private let high: Vector

    @inline(__always)
    init(zeroPoint: Int32, low: Int32, high: Int32) {
      zeroPoints = repeating(zeroPoint)
      shortZeroPoints = _mm256_set1_epi16(Int16(truncatingIfNeeded: zeroPoint))
      self.low = _mm256_set1_epi8(Int8(truncatingIfNeeded: low))
      self.high = _mm256_set1_epi8(Int8(truncatingIfNeeded: high))
    }

    @inline(__always)
    init(_ requantization: Requantization) {
      self.init(
        zeroPoint: requantization.zeroPoint, low: requantization.low, high: requantization.high)
    }

    /// Two rows of 16 values as bytes within the limits: the first row in the lower half.
    ///
    /// Each row comes from `ColumnMultipliers.offset`, in the order 0–3 8–11 | 4–7 12–15. Packing saturates,
    /// which the limits would do anyway, and leaves the order A0–3 A8–11 B0–3 B8–11 | A4–7 A12–15 B4–7 B12–15.
    @inline(__always)
    func bytes(_ a: Vector, _ b: Vector) -> Vector {
      let ordered = _mm256_permutevar8x32_epi32(
        _mm256_packs_epi16(a, b), _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7))
      return _mm256_min_epi8(_mm256_max_epi8(ordered, low), high)
    }
  }
#endif
