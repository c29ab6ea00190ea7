// C's anonymous enumerations import as distinct or unsigned types; here they become the Int32 of the calls.
extension RawRepresentable where RawValue == UInt32 {
  @inline(__always)
  package var value: Int32 { Int32(bitPattern: rawValue) }
}

extension Int {
  @inline(__always)
  package var value: Int32 { Int32(truncatingIfNeeded: self) }
}
