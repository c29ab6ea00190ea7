import FirmwareModel
import Kernels

/// One operator of a model, of the closed set that the runtime knows.
enum Step {
  case convolution(ConvolutionOperator)
  case depthwiseConvolution(DepthwiseConvolutionOperator)
  case transposeConvolution(TransposeConvolutionOperator)
  case fullyConnected(FullyConnectedOperator)
  case batchMatrixMultiply(BatchMatrixMultiplyOperator)
  case elementwise(ElementwiseOperator)
  case pool(PoolOperator)
  case reduce(ReduceOperator)
  case table(TableOperator)
  case softmax(SoftmaxOperator)
  case copy(CopyOperator)
  case gather(GatherOperator)
  case normalize(NormalizeOperator)
  case argumentMaximum(ArgumentMaximumOperator)
  case resizeBilinear(ResizeBilinearOperator)
  /// Several operators at once, in the place of the last; `chained` stands in those of the others.
  case chain(StripChain)
  case chained

  /// Reads and checks one operator of a model.
  init(_ model: FirmwareModel, _ index: Int) throws(ModelError) {
    var reader = OperatorReader(model, index)
    switch reader.record.kind {
    case .convolution: self = .convolution(try ConvolutionOperator(reading: &reader))
    case .depthwiseConvolution:
      self = .depthwiseConvolution(try DepthwiseConvolutionOperator(reading: &reader))
    case .transposeConvolution:
      self = .transposeConvolution(try TransposeConvolutionOperator(reading: &reader))
    case .fullyConnected: self = .fullyConnected(try FullyConnectedOperator(reading: &reader))
    case .batchMatrixMultiply:
      self = .batchMatrixMultiply(try BatchMatrixMultiplyOperator(reading: &reader))
    case .elementwise: self = .elementwise(try ElementwiseOperator(reading: &reader))
    case .pool: self = .pool(try PoolOperator(reading: &reader))
    case .reduce: self = .reduce(try ReduceOperator(reading: &reader))
    case .table: self = .table(try TableOperator(reading: &reader))
    case .softmax: self = .softmax(try SoftmaxOperator(reading: &reader))
    case .copy: self = .copy(try CopyOperator(reading: &reader))
    case .gather: self = .gather(try GatherOperator(reading: &reader))
    case .normalize: self = .normalize(try NormalizeOperator(reading: &reader))
    case .argumentMaximum: self = .argumentMaximum(try ArgumentMaximumOperator(reading: &reader))
    case .resizeBilinear: self = .resizeBilinear(try ResizeBilinearOperator(reading: &reader))
    }
    try reader.finish()
  }

  func packedBytes(_ kernels: KernelTable) -> Int {
    switch self {
    case .convolution(let step): step.packedBytes(kernels)
    case .depthwiseConvolution(let step): step.packedBytes(kernels)
    case .transposeConvolution(let step): step.packedBytes(kernels)
    case .fullyConnected(let step): step.packedBytes(kernels)
    case .batchMatrixMultiply(let step): step.packedBytes(kernels)
    case .chain(let step): step.packedBytes(kernels)
    default: 0
    }
  }

  func scratchBytes(_ kernels: KernelTable) -> Int {
    switch self {
    case .convolution(let step): step.scratchBytes(kernels)
    case .depthwiseConvolution(let step): step.scratchBytes(kernels)
    case .transposeConvolution(let step): step.scratchBytes(kernels)
    case .fullyConnected(let step): step.scratchBytes(kernels)
    case .batchMatrixMultiply(let step): step.scratchBytes(kernels)
    case .elementwise(let step): step.scratchBytes(kernels)
    case .reduce(let step): step.scratchBytes(kernels)
    case .chain(let step): step.scratchBytes(kernels)
    default: 0
    }
  }

  mutating func prepare(
    _ memory: ModelMemory, _ kernels: KernelTable, packed: UnsafeMutableRawPointer
  ) {
    switch self {
    case .convolution(let step): self = .convolution(step.prepared(memory, kernels, packed))
    case .depthwiseConvolution(let step):
      self = .depthwiseConvolution(step.prepared(memory, kernels, packed))
    case .transposeConvolution(let step):
      self = .transposeConvolution(step.prepared(memory, kernels, packed))
    case .fullyConnected(let step): self = .fullyConnected(step.prepared(memory, kernels, packed))
    case .batchMatrixMultiply(let step):
      self = .batchMatrixMultiply(step.prepared(memory, kernels, packed))
    case .elementwise(let step): self = .elementwise(step.prepared(memory, kernels, packed))
    case .pool(let step): self = .pool(step.prepared(memory, kernels, packed))
    case .reduce(let step): self = .reduce(step.prepared(memory, kernels, packed))
    case .table(let step): self = .table(step.prepared(memory, kernels, packed))
    case .softmax(let step): self = .softmax(step.prepared(memory, kernels, packed))
    case .copy(let step): self = .copy(step.prepared(memory, kernels, packed))
    case .gather(let step): self = .gather(step.prepared(memory, kernels, packed))
    case .normalize(let step): self = .normalize(step.prepared(memory, kernels, packed))
    case .argumentMaximum(let step): self = .argumentMaximum(step.prepared(memory, kernels, packed))
    case .resizeBilinear(let step): self = .resizeBilinear(step.prepared(memory, kernels, packed))
    case .chain(var chain):
      chain.prepare(memory, kernels, packed: packed)
      self = .chain(chain)
    case .chained: break
    }
  }

  /// Parts of the work for each thread. With a few, one that comes late leaves its share to the others; each part of a
  /// chain computes some lines anew.
  var partsPerThread: Int {
    if case .chain = self { return 1 }
    return 16
  }

  var unitCount: Int {
    switch self {
    case .convolution(let step): step.unitCount
    case .depthwiseConvolution(let step): step.unitCount
    case .transposeConvolution(let step): step.unitCount
    case .fullyConnected(let step): step.unitCount
    case .batchMatrixMultiply(let step): step.unitCount
    case .elementwise(let step): step.unitCount
    case .pool(let step): step.unitCount
    case .reduce(let step): step.unitCount
    case .table(let step): step.unitCount
    case .softmax(let step): step.unitCount
    case .copy(let step): step.unitCount
    case .gather(let step): step.unitCount
    case .normalize(let step): step.unitCount
    case .argumentMaximum(let step): step.unitCount
    case .resizeBilinear(let step): step.unitCount
    case .chain(let step): step.unitCount
    case .chained: 1
    }
  }

  func run(_ units: Range<Int>, _ kernels: KernelTable, scratch: UnsafeMutableRawPointer) {
    switch self {
    case .convolution(let step): step.run(units, kernels, scratch: scratch)
    case .depthwiseConvolution(let step): step.run(units, kernels, scratch: scratch)
    case .transposeConvolution(let step): step.run(units, kernels, scratch: scratch)
    case .fullyConnected(let step): step.run(units, kernels, scratch: scratch)
    case .batchMatrixMultiply(let step): step.run(units, kernels, scratch: scratch)
    case .elementwise(let step): step.run(units, kernels, scratch: scratch)
    case .pool(let step): step.run(units, kernels, scratch: scratch)
    case .reduce(let step): step.run(units, kernels, scratch: scratch)
    case .table(let step): step.run(units, kernels, scratch: scratch)
    case .softmax(let step): step.run(units, kernels, scratch: scratch)
    case .copy(let step): step.run(units, kernels, scratch: scratch)
    case .gather(let step): step.run(units, kernels, scratch: scratch)
    case .normalize(let step): step.run(units, kernels, scratch: scratch)
    case .argumentMaximum(let step): step.run(units, kernels, scratch: scratch)
    case .resizeBilinear(let step): step.run(units, kernels, scratch: scratch)
    case .chain(let step): step.run(units, kernels, scratch: scratch)
    case .chained: break
    }
  }
}

extension Operator {
  fileprivate func prepared(
    _ memory: ModelMemory, _ kernels: KernelTable, _ packed: UnsafeMutableRawPointer
  ) -> Self {
    var step = self
    step.prepare(memory, kernels, packed: packed)
    return step
  }
}
