import FirmwareModel
import Testing

@Suite struct CRC32Tests {
  /// The value that the catalogues of checksums give for this text.
  @Test func checkValue() {
    let crc = CRC32()
    Array("123456789".utf8).withUnsafeBytes {
      #expect(crc.checksum(of: $0) == 0xCBF4_3926)
      #expect(crc.tableChecksum(of: $0) == 0xCBF4_3926)
    }
  }

  /// The processor's instructions and the tables agree at every length and alignment.
  @Test func everyLength() {
    let crc = CRC32()
    var state: UInt32 = 7
    let bytes = (0..<1200).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(state >> 24)
    }
    bytes.withUnsafeBytes { all in
      for start in 0..<17 {
        for length in 0...1024 {
          let part = UnsafeRawBufferPointer(rebasing: all[start..<start + length])
          #expect(crc.checksum(of: part) == crc.tableChecksum(of: part), "\(length) bytes from \(start)")
        }
      }
    }
  }

  /// Parts one after the other have the checksum of the whole, wherever they meet.
  @Test func partsMakeTheWhole() {
    let crc = CRC32()
    let bytes = (0..<700).map { UInt8(truncatingIfNeeded: $0 &* $0 &* 37 >> 3) }
    bytes.withUnsafeBytes { all in
      let whole = crc.tableChecksum(of: all)
      for cut in 0...all.count {
        let first = UnsafeRawBufferPointer(rebasing: all[..<cut])
        let rest = UnsafeRawBufferPointer(rebasing: all[cut...])
        #expect(crc.checksum(of: rest, after: crc.checksum(of: first)) == whole, "\(cut)")
        #expect(crc.tableChecksum(of: rest, after: crc.tableChecksum(of: first)) == whole, "\(cut)")
      }
    }
  }
}
