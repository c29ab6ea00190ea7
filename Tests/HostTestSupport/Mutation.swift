import FirmwareModel
import TestSupport

/// Changes bytes the ways that find bugs in readers: bits, interesting integers, pieces moved, cut and repeated.
public struct Mutator {
  private var random: Generator

  public init(seed: UInt64) { random = Generator(seed: seed) }

  /// A compiled model, most with their length and checksum renewed: otherwise nothing behind them is ever looked at.
  public mutating func firmwareModel(_ corpus: Corpus) -> [UInt8] {
    var bytes = mutate(one: corpus.models)
    if Int.random(in: 0..<16, using: &random) != 0 && bytes.count >= Layout.headerBytes {
      for byte in 0..<4 { bytes[16 + byte] = UInt8(truncatingIfNeeded: bytes.count >> (8 * byte)) }
      FirmwareModelWriter.seal(&bytes)
    }
    return bytes
  }

  /// One of several, with pieces of the others.
  public mutating func mutate(one others: [[UInt8]]) -> [UInt8] {
    var bytes = others.randomElement(using: &random)!
    for _ in 0..<[1, 1, 1, 2, 3, 6].randomElement(using: &random)! where !bytes.isEmpty {
      mutateOnce(&bytes, others)
    }
    return bytes
  }

  private mutating func mutateOnce(_ bytes: inout [UInt8], _ others: [[UInt8]]) {
    let position = Int.random(in: 0..<bytes.count, using: &random)
    switch Int.random(in: 0..<9, using: &random) {
    case 0, 1: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 2: bytes[position] = UInt8.random(in: 0...255, using: &random)
    case 3, 4: writeWord(&bytes, position)
    case 5:
      bytes.removeSubrange(position..<min(position + Int.random(in: 1...64, using: &random), bytes.count))
    case 6:
      let piece = bytes[position..<min(position + Int.random(in: 1...64, using: &random), bytes.count)]
      bytes.insert(contentsOf: piece, at: Int.random(in: 0...bytes.count, using: &random))
    case 7:
      let other = others.randomElement(using: &random)!
      guard !other.isEmpty else { return }
      let start = Int.random(in: 0..<other.count, using: &random)
      for offset
        in 0..<min(Int.random(in: 1...128, using: &random), other.count - start, bytes.count - position)
      {
        bytes[position + offset] = other[start + offset]
      }
    default: bytes.removeLast(min(Int.random(in: 1...200, using: &random), bytes.count))
    }
  }

  /// A 32-bit value at the edges of what readers compute with, where words usually lie.
  private mutating func writeWord(_ bytes: inout [UInt8], _ position: Int) {
    let values: [UInt32] = [
      0, 1, 2, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x1_0000, 0x7FFF_FFFF, 0x8000_0000,
      0xFFFF_FFFF, 0xFFFF_FFFE, 0x4000_0000,
    ]
    let value =
      values.randomElement(using: &random)! &+ UInt32.random(in: 0...1, using: &random)
    let start = position & ~3
    for byte in 0..<4 where start + byte < bytes.count {
      bytes[start + byte] = UInt8(truncatingIfNeeded: value >> UInt32(8 * byte))
    }
  }
}
