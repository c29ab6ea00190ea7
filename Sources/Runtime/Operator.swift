import FirmwareModel
import Kernels

/// What every operator offers; `Step` is the closed set of them.
protocol Operator {
  /// Reads and checks the operator: afterwards every access that `run` makes is in bounds.
  init(reading reader: inout OperatorReader) throws(ModelError)

  /// Bytes kept from load on: packed weights and tables.
  func packedBytes(_ kernels: KernelTable) -> Int

  /// Bytes that each thread needs while it runs the operator.
  func scratchBytes(_ kernels: KernelTable) -> Int

  /// Resolves addresses and packs weights. `packed` has `packedBytes` bytes at a multiple of 64.
  mutating func prepare(_ memory: ModelMemory, _ kernels: KernelTable, packed: UnsafeMutableRawPointer)

  /// The number of parts into which the operator can be split between threads; 1 where it is too small.
  var unitCount: Int { get }

  /// Computes some of the parts.
  func run(_ units: Range<Int>, _ kernels: KernelTable, scratch: UnsafeMutableRawPointer)
}

/// Where a model's tensors lie once its arena is allocated.
struct ModelMemory {
  let model: FirmwareModel
  let arena: UnsafeMutableRawPointer

  func input(_ tensor: Int) -> UnsafePointer<Int8> {
    switch model.tensors[tensor].storage {
    // A strip has no place here; those who read it know where it is.
    case .arena, .strip: UnsafePointer(arena(tensor))
    case .constant: model.constant(tensor).assumingMemoryBound(to: Int8.self)
    }
  }

  func output(_ tensor: Int) -> UnsafeMutablePointer<Int8> { arena(tensor) }

  /// A constant of int32 values.
  func words(_ tensor: Int) -> UnsafePointer<Int32> {
    model.constant(tensor).assumingMemoryBound(to: Int32.self)
  }

  private func arena(_ tensor: Int) -> UnsafeMutablePointer<Int8> {
    (arena + model.tensors[tensor].offset).assumingMemoryBound(to: Int8.self)
  }
}

extension OperatorReader {
  func tensor(_ index: Int) -> Tensor { model.tensors[index] }

  /// The next input, an int8 tensor.
  mutating func int8Input() throws(ModelError) -> Int {
    let index = try input()
    guard tensor(index).type == .int8 else { throw error("an int8 input", index) }
    return index
  }

  /// The next input, an int8 tensor in the arena (or a strip): kernels may read some bytes beyond its end.
  mutating func activation() throws(ModelError) -> Int {
    let index = try int8Input()
    guard tensor(index).storage != .constant else { throw error("an input in the arena", index) }
    return index
  }

  /// The next output, an int8 tensor.
  mutating func int8Output() throws(ModelError) -> Int {
    let index = try output()
    guard tensor(index).type == .int8 else { throw error("an int8 output", index) }
    return index
  }

  /// The next input, a constant int8 tensor.
  mutating func int8Constant() throws(ModelError) -> Int {
    let index = try int8Input()
    guard tensor(index).storage == .constant else { throw error("a constant input", index) }
    return index
  }

  /// The next input, a constant int32 tensor of `count` values, or of any number for nil.
  mutating func int32Constant(count: Int?) throws(ModelError) -> Int {
    let index = try input()
    let tensor = tensor(index)
    guard tensor.type == .int32, tensor.storage == .constant else {
      throw error("a constant int32 input", index)
    }
    guard count == nil || tensor.shape.count == count else {
      throw error("an int32 input with a value for each channel", tensor.shape.count)
    }
    return index
  }

  /// The next input, a table of 256 values, or nil.
  mutating func optionalTable() throws(ModelError) -> Int? {
    guard let index = try optionalInput() else { return nil }
    let tensor = tensor(index)
    guard tensor.type == .int8, tensor.storage == .constant, tensor.shape.count == 256 else {
      throw error("a constant table of 256 values", index)
    }
    return index
  }

  /// Requires a condition of the operator as a whole.
  func require(_ condition: Bool, _ expected: StaticString, _ found: Int = 0) throws(ModelError) {
    if !condition { throw error(expected, found) }
  }

  /// The zero point, the lowest and the highest value of an output, before a table is applied to it.
  mutating func outputRange() throws(ModelError) -> (zeroPoint: Int32, low: Int32, high: Int32) {
    let zeroPoint = try int8("an output's zero point in -128...127")
    let low = try int8("a lowest output in -128...127")
    let high = try int8("a highest output in -128...127")
    try require(low <= high, "the lowest output not above the highest", Int(low))
    return (zeroPoint, low, high)
  }
}

/// Bytes of `count` int32 values, rounded up so that vector kernels may read whole vectors.
func vectorBytes(_ count: Int) -> Int { Layout.aligned(count * 4) }
