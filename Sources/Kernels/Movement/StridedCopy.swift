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
    let dimension = dimensions[axis]
    if axis == rank &- 1 {
      for index in 0..<dimension.count {
        output[index &* dimension.outputStride] = function(input[index &* dimension.inputStride])
      }
      return
    }
    for index in 0..<dimension.count {
      copy(
        axis &+ 1, input + index &* dimension.inputStride,
        output + index &* dimension.outputStride, function)
    }
  }
}
