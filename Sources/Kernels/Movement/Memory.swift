// In Embedded Swift 6.3 `update(from:count:)` and `update(repeating:count:)` call a function for each element.
extension UnsafeMutablePointer where Pointee: BitwiseCopyable {
  /// Copies `count` elements, which may overlap.
  @inlinable @inline(__always)
  public func copy(from source: UnsafePointer<Pointee>, count: Int) {
    UnsafeMutableRawPointer(self).copyMemory(
      from: UnsafeRawPointer(source), byteCount: count &* MemoryLayout<Pointee>.stride)
  }

  /// Writes `count` elements of one value.
  @inlinable @inline(__always)
  public func fill(with value: Pointee, count: Int) {
    for index in 0..<count { self[index] = value }
  }
}
