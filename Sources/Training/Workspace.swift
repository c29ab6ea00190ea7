/// How much memory backward passes work in, for all layers together: each takes what it needs and leaves nothing.
public struct WorkspaceSize: Equatable, Sendable {
  /// Sums, 32 bits.
  public var accumulators: Int
  /// Errors times their weights' scales, 16 bits.
  public var mantissas: Int
  /// Sums of kernels, or weights in another order, 16 bits.
  public var weights: Int
  /// Factors of channels, 32 bits.
  public var factors: Int

  public init(accumulators: Int = 0, mantissas: Int = 0, weights: Int = 0, factors: Int = 0) {
    self.accumulators = accumulators
    self.mantissas = mantissas
    self.weights = weights
    self.factors = factors
  }

  /// What serves both.
  public mutating func formUnion(_ other: WorkspaceSize) {
    accumulators = max(accumulators, other.accumulators)
    mantissas = max(mantissas, other.mantissas)
    weights = max(weights, other.weights)
    factors = max(factors, other.factors)
  }

  public var byteCount: Int {
    alignedBytes(accumulators, of: Int32.self) + alignedBytes(mantissas, of: Int16.self)
      + alignedBytes(weights, of: Int16.self) + alignedBytes(factors, of: Int32.self)
  }
}

/// The memory itself.
public struct Workspace {
  let accumulators: UnsafeMutablePointer<Int32>
  let mantissas: UnsafeMutablePointer<Int16>
  let weights: UnsafeMutablePointer<Int16>
  let factors: UnsafeMutablePointer<Int32>

  /// - Parameter memory: `size.byteCount` bytes, aligned to 64.
  public init(memory: UnsafeMutableRawPointer, size: WorkspaceSize) {
    var parts = MemoryParts(memory)
    accumulators = parts.take(size.accumulators, of: Int32.self)
    mantissas = parts.take(size.mantissas, of: Int16.self)
    weights = parts.take(size.weights, of: Int16.self)
    factors = parts.take(size.factors, of: Int32.self)
  }

  private init(_ other: Workspace, mantissas: UnsafeMutablePointer<Int16>) {
    accumulators = other.accumulators
    self.mantissas = mantissas
    weights = other.weights
    factors = other.factors
  }

  /// The workspace but for the first mantissas, which the caller uses.
  func skippingMantissas(_ count: Int) -> Workspace { Workspace(self, mantissas: mantissas + count) }
}

/// Bytes of an array, rounded up so that the next one begins at a cache line.
func alignedBytes<Element>(_ count: Int, of type: Element.Type) -> Int {
  (count * MemoryLayout<Element>.stride + 63) & ~63
}

/// Hands out a block of memory, part by part, in the sizes of `alignedBytes`.
struct MemoryParts {
  private var next: UnsafeMutableRawPointer

  init(_ memory: UnsafeMutableRawPointer) { next = memory }

  mutating func take<Element>(_ count: Int, of type: Element.Type) -> UnsafeMutablePointer<Element> {
    let part = next.bindMemory(to: type, capacity: count)
    next += alignedBytes(count, of: type)
    return part
  }
}
