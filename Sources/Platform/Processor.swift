import CLinux

/// What the processor can do beyond its architecture's baseline.
public enum Processor {
  /// AVX2's instructions, and a kernel that saves their registers.
  public static var hasAVX2: Bool { ocellus_has_avx2() != 0 }
  /// AVX-512's F, BW, CD, DQ, VL, VNNI and VBMI, and a kernel that saves their registers.
  public static var hasAVX512: Bool { ocellus_has_avx512() != 0 }
  /// x86's carry-less multiplication.
  public static var hasCarrylessMultiply: Bool { ocellus_has_carryless_multiply() != 0 }
  /// Arm's CRC-32 instructions.
  public static var hasCRC32: Bool { ocellus_has_crc32() != 0 }
  /// Arm's dot product instructions, `sdot` among them.
  public static var hasDotProduct: Bool { ocellus_has_dot_product() != 0 }
}
