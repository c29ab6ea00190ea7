import Kernels
import Runtime

/// The instruction sets that this build and this machine have, apart from the definitions themselves.
var testedSets: [(name: String, kernels: KernelTable)] {
  InstructionSet.allCases.compactMap { set in
    guard set != .scalar, let kernels = set.kernels else { return nil }
    return ("\(set.name)", kernels)
  }
}

/// Pseudo-random numbers, the same in every run (xorshift).
struct RandomNumbers {
  private var state: UInt64

  init(seed: Int) { state = UInt64(truncatingIfNeeded: seed) &* 0x9E37_79B9_7F4A_7C15 | 1 }

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }

  mutating func int32() -> Int32 { Int32(truncatingIfNeeded: next() >> 16) }

  mutating func int(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int((next() >> 11) % UInt64(range.count))
  }

  mutating func bool() -> Bool { next() >> 40 & 1 == 1 }

  mutating func element<Element>(_ list: [Element]) -> Element { list[int(0...list.count - 1)] }

  /// Bytes of one of several kinds: any, the extremes alone, or all alike.
  mutating func bytes(_ count: Int) -> [Int8] {
    switch int(0...3) {
    case 0:
      let extremes: [Int8] = [-128, 127]
      return (0..<count).map { _ in element(extremes) }
    case 1: return [Int8](repeating: -128, count: count)
    default: return (0..<count).map { _ in Int8(truncatingIfNeeded: next() >> 24) }
    }
  }

  /// A mantissa: as a compiler makes it, or as only a hostile file has it.
  mutating func mantissa() -> Int32 {
    switch int(0...5) {
    case 0: return int32()
    case 1: return element([Int32.min, Int32.min + 1, -1, 0, 1, 1 << 30, Int32.max])
    default: return int32() & 0x3FFF_FFFF | 1 << 30
    }
  }
}

/// Memory whose surroundings are checked: guard bytes before and after it.
final class GuardedMemory<Element: FixedWidthInteger> {
  private static var guardCount: Int { 256 / MemoryLayout<Element>.size }

  private let memory: UnsafeMutablePointer<Element>
  let count: Int
  var start: UnsafeMutablePointer<Element> { memory + GuardedMemory.guardCount }
  var constant: UnsafePointer<Element> { UnsafePointer(start) }

  /// - Parameter slack: Elements after the end that may be read, filled with nonsense.
  init(_ values: [Element], slack: Int = 0) {
    count = values.count
    let total = count + slack + 2 * GuardedMemory.guardCount
    memory = UnsafeMutableRawPointer.allocate(
      byteCount: total * MemoryLayout<Element>.size, alignment: 64
    )
    .bindMemory(to: Element.self, capacity: total)
    for index in 0..<total { memory[index] = GuardedMemory.pattern(index) }
    start.update(from: values, count: count)
  }

  convenience init(count: Int) { self.init((0..<count).map { GuardedMemory.pattern($0) }) }

  deinit { UnsafeMutableRawPointer(memory).deallocate() }

  private static func pattern(_ index: Int) -> Element {
    Element(truncatingIfNeeded: UInt64(truncatingIfNeeded: index) &* 0x9E37_79B9_7F4A_7C15 >> 13)
  }

  var values: [Element] { (0..<count).map { start[$0] } }

  /// Nothing around the memory has been written.
  var isIntact: Bool {
    let guards = GuardedMemory.guardCount
    for index in 0..<guards where memory[index] != GuardedMemory.pattern(index) { return false }
    for index in guards + count..<2 * guards + count where memory[index] != GuardedMemory.pattern(index) {
      return false
    }
    return true
  }
}

/// Compares with the definition and names the first difference.
func expect<Element: Equatable>(
  _ actual: [Element], equals expected: [Element], intact: Bool, _ set: String, _ context: String
) {
  if !intact { record("\(set): \(context): wrote beyond its output") }
  guard actual != expected else { return }
  let index = actual.indices.first { actual[$0] != expected[$0] }!
  record(
    "\(set): \(context): element \(index) is \(actual[index]), by definition \(expected[index])")
}
