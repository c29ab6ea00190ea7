import Testing

@testable import Imaging

@Suite struct StreamTests {
  private let frames = ["color.jpg", "turned6.jpg", "gray.jpg", "progressive.jpg", "restart.jpg"].map {
    Vectors.bytes($0)
  }

  private func split(_ stream: [UInt8], maximumFrameBytes: Int = 1 << 24)
    -> (frames: [[UInt8]], complete: [Bool], skipped: Int, oversized: Int)
  {
    stream.withUnsafeBytes { bytes in
      var splitter = MJPEGSplitter(bytes, maximumFrameBytes: maximumFrameBytes)
      var frames: [[UInt8]] = []
      var complete: [Bool] = []
      while let frame = splitter.next() {
        frames.append([UInt8](frame.bytes))
        complete.append(frame.isComplete)
      }
      return (frames, complete, splitter.skippedBytes, splitter.oversizedFrames)
    }
  }

  private func splitPieces(_ stream: [UInt8], _ size: Int) throws
    -> (frames: [[UInt8]], complete: [Bool], skipped: Int)
  {
    var splitter = MJPEGStream()
    var frames: [[UInt8]] = []
    var complete: [Bool] = []
    var offset = 0
    while true {
      let piece = stream[offset..<min(offset + size, stream.count)]
      let space = try splitter.space(piece.count)
      space.copyBytes(from: piece)
      splitter.fill(piece.count)
      offset += piece.count
      if piece.isEmpty { splitter.finish() }
      while let frame = splitter.next() {
        frames.append([UInt8](frame.bytes))
        complete.append(frame.isComplete)
      }
      if piece.isEmpty { return (frames, complete, splitter.skippedBytes) }
    }
  }

  @Test func framesAreFoundBetweenGarbage() throws {
    let garbage: [[UInt8]] = [
      [], [0], [0xFF], [0xFF, 0xD8], [0xFF, 0xD9], [1, 0xFF, 0xFF], [0xFF, 0xD8, 0],
      Array(repeating: 7, count: 999),
    ]
    for between in garbage {
      var stream = between
      for frame in frames { stream += frame + between }
      let result = split(stream)
      #expect(result.frames == frames, "\(between)")
      #expect(result.complete.allSatisfy { $0 })
      #expect(result.skipped == between.count * 6, "\(between)")
      for size in [1, 2, 3, 100, 4096, 1_000_000] {
        let pieces = try splitPieces(stream, size)
        #expect(pieces.frames == frames && pieces.skipped == result.skipped, "\(between) by \(size)")
      }
    }
  }

  @Test func thumbnailsDoNotSplit() throws {
    let thumbnail = Vectors.bytes("gray.jpg")
    let whole = Vectors.bytes("color.jpg")
    let length = thumbnail.count + 2
    let frame =
      Array(whole[..<2]) + [0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 0xFF)] + thumbnail + whole[2...]
    #expect(split(frame + frame).frames == [frame, frame])
    #expect(try splitPieces(frame + frame, 13).frames == [frame, frame])
  }

  @Test func cutFramesAreReported() throws {
    let (whole, next) = (frames[0], frames[1])
    let cut = Array(whole[..<(whole.count - 300)])
    let result = split(cut + next + cut)
    #expect(result.frames == [cut, next, cut] && result.complete == [false, true, false])
    #expect(try splitPieces(cut + next + cut, 7).frames == [cut, next, cut])
    // Cut before its data begins, it is no picture.
    let head: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2]
    let headless = split(head + next)
    #expect(headless.frames == [next] && headless.skipped == head.count)
  }

  @Test func framesAreBounded() throws {
    let endless = Array(frames[0][..<(frames[0].count - 2)]) + [UInt8](repeating: 1, count: 5000)
    let result = split(endless + frames[2], maximumFrameBytes: 3000)
    #expect(result.frames == [frames[2]] && result.oversized == 1)
    #expect(result.skipped == endless.count)
  }
}
