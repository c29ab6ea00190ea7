/// A copy between two arrays of up to eight dimensions, each with strides of its own (in elements, which may be
/// negative or 0): transposition, slicing, concatenation and space-to-depth are all of this form.
public struct StridedCopy {
  public static let maximumRank = 8

  public struct Dimension: Sendable {
    public var count: Int
    public var inputStride: Int
    public var outputStride: Int

    public init(count: Int, inputStride: Int, outputStride: Int) {
      self.count = count
      self.inputStride = inputStride
      self.outputStride = outputStride
    }
  }

  /// Outermost first.
  private var dimensions: InlineArray<8, Dimension>
  private var rank = 0

  public init() {
    dimensions = InlineArray(repeating: Dimension(count: 1, inputStride: 0, outputStride: 0))
  }

  /// Adds an inner dimension.
  public mutating func append(_ dimension: Dimension) {
    dimensions[rank] = dimension
    rank += 1
  }

  /// Copies; `input` and `output` are the addresses of the elements with all indices 0.
  public func run(_ input: UnsafePointer<Int32>, _ output: UnsafeMutablePointer<Int32>) {
    copy(0, input, output) { $0 }
  }

  /// Copies bytes, each looked up in a table of 256 entries (entry `value + 128`) where there is one.
  public func run(
    _ input: UnsafePointer<Int8>, _ output: UnsafeMutablePointer<Int8>,
    through table: UnsafePointer<Int8>?
  ) {
    if let table {
      copy(0, input, output) { table[Int($0) &+ 128] }
    } else {
      copy(0, input, output) { $0 }
    }
  }

  private func copy<Element: BitwiseCopyable>(
    _ axis: Int, _ input: UnsafePointer<Element>, _ output: UnsafeMutablePointer<Element>,
    _ function: (Element) -> Element
  ) {
    if axis == rank {
      output[0] = function(input[0])
      return
    }
    if axis == rank &- 1 {
      copyLine(dimensions[axis], input, output, function)
    } else if axis == rank &- 2 {
      copyPlane(dimensions[axis], dimensions[axis &+ 1], input, output, function)
    } else {
      let dimension = dimensions[axis]
      for index in 0..<dimension.count {
        copy(
          axis &+ 1, input + index &* dimension.inputStride,
          output + index &* dimension.outputStride, function)
      }
    }
  }

  /// The two innermost dimensions. Of a short inner one (the channels of an image) the outer one makes the lines.
  @inline(__always)
  private func copyPlane<Element: BitwiseCopyable>(
    _ outer: Dimension, _ inner: Dimension, _ input: UnsafePointer<Element>,
    _ output: UnsafeMutablePointer<Element>, _ function: (Element) -> Element
  ) {
    let isShort = inner.count < 16 && outer.count > inner.count
    let (lines, line) = isShort ? (inner, outer) : (outer, inner)
    for index in 0..<lines.count {
      copyLine(
        line, input + index &* lines.inputStride, output + index &* lines.outputStride, function)
    }
  }

  @inline(__always)
  private func copyLine<Element: BitwiseCopyable>(
    _ line: Dimension, _ input: UnsafePointer<Element>, _ output: UnsafeMutablePointer<Element>,
    _ function: (Element) -> Element
  ) {
    if line.inputStride == 1 && line.outputStride == 1 {
      for index in 0..<line.count { output[index] = function(input[index]) }
    } else {
      for index in 0..<line.count {
        output[index &* line.outputStride] = function(input[index &* line.inputStride])
      }
    }
  }
}
