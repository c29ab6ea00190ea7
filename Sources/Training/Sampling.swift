import FixedPoint

/// Which photographs are held out, and in which order and view the others are learned from. Nothing but the seed and
/// the photographs' places decides.
public struct Sampling: Sendable {
  private let seed: UInt32

  public init(seed: UInt32) { self.seed = seed }

  private enum Purpose: UInt32 {
    case heldOut = 1
    case order = 2
    case view = 3
  }

  private func word(_ index: Int, _ purpose: Purpose, epoch: Int = 0) -> UInt32 {
    let key =
      seed &* 0x51ED_270B &+ UInt32(truncatingIfNeeded: epoch) &* 0x2545_F491 &+ purpose.rawValue
      &* 0x6C8E_9CF5
    return counterHash(UInt32(truncatingIfNeeded: index), key: key)
  }

  /// A number below `bound`.
  private func number(
    _ index: Int, below bound: Int, _ purpose: Purpose, epoch: Int
  ) -> Int {
    let word = UInt64(word(index, purpose, epoch: epoch))
    return Int(truncatingIfNeeded: (word &* UInt64(truncatingIfNeeded: bound)) &>> 32)
  }

  /// A fifth of a class's photographs, rounded down: those that chance puts first.
  ///
  /// - Parameter photographs: The class's, by their numbers among all.
  public func heldOut(of photographs: [Int]) -> [Int] {
    var ranked: [(rank: UInt32, photograph: Int)] = []
    for photograph in photographs { ranked.append((word(photograph, .heldOut), photograph)) }
    ranked.sort { $0.rank < $1.rank || ($0.rank == $1.rank && $0.photograph < $1.photograph) }
    var heldOut: [Int] = []
    for index in 0..<photographs.count / 5 { heldOut.append(ranked[index].photograph) }
    heldOut.sort()
    return heldOut
  }

  /// Shuffles what an epoch goes through (Fisher and Yates).
  public func shuffle(_ photographs: UnsafeMutableBufferPointer<Int32>, epoch: Int) {
    var index = photographs.count - 1
    while index > 0 {
      photographs.swapAt(index, number(index, below: index + 1, .order, epoch: epoch))
      index -= 1
    }
  }

  /// The view in which an epoch sees a photograph.
  public func view(of photograph: Int, epoch: Int, views: Int) -> Int {
    number(photograph, below: views, .view, epoch: epoch)
  }
}
