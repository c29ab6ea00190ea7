#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  /// The taps of a window, for one block of channels.
  protocol DepthwiseWindow {
    /// - Parameters:
    ///   - width: The block's channels, 16 or 8.
    ///   - weights: The block's.
    init(_ width: Int, _ row: DepthwiseRow, _ firstChannel: Int, _ weights: UnsafeRawPointer)

    /// Adds a window's taps for two pixels, the first's window `offset` bytes from the rows' start, the second's
    /// `step` further.
    func add(_ width: Int, _ offset: Int, _ step: Int, to sums: inout PixelPair)
  }

  /// 3 × 3 taps.
  struct Window3: DepthwiseWindow {
    private let row0: UnsafeRawPointer
    private let row1: UnsafeRawPointer
    private let row2: UnsafeRawPointer
    private let tap: Int
    private let weights: UnsafeRawPointer

    @inline(__always)
    init(
      _ width: Int, _ row: DepthwiseRow, _ firstChannel: Int, _ weights: UnsafeRawPointer
    ) {
      row0 = UnsafeRawPointer(row.rows[0] + firstChannel)
      row1 = UnsafeRawPointer(row.rows[row.rowStep] + firstChannel)
      row2 = UnsafeRawPointer(row.rows[2 &* row.rowStep] + firstChannel)
      tap = row.dilation &* row.channels
      self.weights = weights
    }

    @inline(__always)
    func add(_ width: Int, _ offset: Int, _ step: Int, to sums: inout PixelPair) {
      let (x, y, z) = (row0 + offset, row1 + offset, row2 + offset)
      let bytes = 4 &* width
      sums.add(width, x, x + tap, step: step, weights)
      sums.add(width, x + 2 &* tap, y, step: step, weights + bytes)
      sums.add(width, y + tap, y + 2 &* tap, step: step, weights + 2 &* bytes)
      sums.add(width, z, z + tap, step: step, weights + 3 &* bytes)
      sums.add(width, z + 2 &* tap, z + 2 &* tap, step: step, weights + 4 &* bytes)
    }
  }

  /// 5 × 5 taps.
  struct Window5: DepthwiseWindow {
    private let row0: UnsafeRawPointer
    private let row1: UnsafeRawPointer
    private let row2: UnsafeRawPointer
    private let row3: UnsafeRawPointer
    private let row4: UnsafeRawPointer
    private let tap: Int
    private let weights: UnsafeRawPointer

    @inline(__always)
    init(
      _ width: Int, _ row: DepthwiseRow, _ firstChannel: Int, _ weights: UnsafeRawPointer
    ) {
      row0 = UnsafeRawPointer(row.rows[0] + firstChannel)
      row1 = UnsafeRawPointer(row.rows[row.rowStep] + firstChannel)
      row2 = UnsafeRawPointer(row.rows[2 &* row.rowStep] + firstChannel)
      row3 = UnsafeRawPointer(row.rows[3 &* row.rowStep] + firstChannel)
      row4 = UnsafeRawPointer(row.rows[4 &* row.rowStep] + firstChannel)
      tap = row.dilation &* row.channels
      self.weights = weights
    }

    @inline(__always)
    func add(_ width: Int, _ offset: Int, _ step: Int, to sums: inout PixelPair) {
      let (v, w, x) = (row0 + offset, row1 + offset, row2 + offset)
      let (y, z) = (row3 + offset, row4 + offset)
      let bytes = 4 &* width
      let last = 4 &* tap
      sums.add(width, v, v + tap, step: step, weights)
      sums.add(width, v + 2 &* tap, v + 3 &* tap, step: step, weights + bytes)
      sums.add(width, v + last, w, step: step, weights + 2 &* bytes)
      sums.add(width, w + tap, w + 2 &* tap, step: step, weights + 3 &* bytes)
      sums.add(width, w + 3 &* tap, w + last, step: step, weights + 4 &* bytes)
      sums.add(width, x, x + tap, step: step, weights + 5 &* bytes)
      sums.add(width, x + 2 &* tap, x + 3 &* tap, step: step, weights + 6 &* bytes)
      sums.add(width, x + last, y, step: step, weights + 7 &* bytes)
      sums.add(width, y + tap, y + 2 &* tap, step: step, weights + 8 &* bytes)
      sums.add(width, y + 3 &* tap, y + last, step: step, weights + 9 &* bytes)
      sums.add(width, z, z + tap, step: step, weights + 10 &* bytes)
      sums.add(width, z + 2 &* tap, z + 3 &* tap, step: step, weights + 11 &* bytes)
      sums.add(width, z + last, z + last, step: step, weights + 12 &* bytes)
    }
  }

  /// Any window.
  struct WindowOfAnySize: DepthwiseWindow {
    private let row: DepthwiseRow
    private let firstChannel: Int
    private let weights: UnsafeRawPointer

    @inline(__always)
    init(
      _ width: Int, _ row: DepthwiseRow, _ firstChannel: Int, _ weights: UnsafeRawPointer
    ) {
      self.row = row
      self.firstChannel = firstChannel
      self.weights = weights
    }

    @inline(__always)
    func add(_ width: Int, _ offset: Int, _ step: Int, to sums: inout PixelPair) {
      let tap = row.dilation &* row.channels
      let taps = row.kernelHeight &* row.kernelWidth
      var (line, column) = (0, 0)
      var weights = weights
      var index = 0
      while index < taps {
        let first = address(line, column, tap) + offset
        column &+= 1
        if column == row.kernelWidth { (line, column) = (line &+ 1, 0) }
        // An odd last tap is paired with itself: its partner's weights are zero.
        let second = index &+ 1 < taps ? address(line, column, tap) + offset : first
        column &+= 1
        if column == row.kernelWidth { (line, column) = (line &+ 1, 0) }
        sums.add(width, first, second, step: step, weights)
        weights += 4 &* width
        index &+= 2
      }
    }

    @inline(__always)
    private func address(_ line: Int, _ column: Int, _ tap: Int) -> UnsafeRawPointer {
      UnsafeRawPointer(row.rows[line &* row.rowStep]) + (column &* tap &+ firstChannel)
    }
  }
#endif
