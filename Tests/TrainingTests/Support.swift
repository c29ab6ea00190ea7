import Kernels
import TestSupport

@testable import Training

/// Memory of a test, aligned to 64.
final class TestMemory {
  let address: UnsafeMutableRawPointer

  init(_ byteCount: Int) {
    address = .allocate(byteCount: max(byteCount, 1), alignment: 64)
    // What must not be read before it is written.
    address.initializeMemory(as: UInt8.self, repeating: 0xA5, count: max(byteCount, 1))
  }

  deinit { address.deallocate() }
}

struct TestWorkspace {
  let memory: TestMemory
  let workspace: Workspace

  init(_ size: WorkspaceSize) {
    memory = TestMemory(size.byteCount)
    workspace = Workspace(memory: memory.address, size: size)
  }

  func pass(_ format: ErrorFormat = ErrorFormat(), step: Int = 0) -> BackwardPass {
    BackwardPass(kernels: .scalar, format: format, workspace: workspace, step: step)
  }
}

struct TestErrors {
  let memory: TestMemory
  var tensor: ErrorTensor

  init(images: Int, patches: Int, channels: Int, exponent: Int32 = 0) {
    memory = TestMemory(2 * images * patches * channels)
    tensor = ErrorTensor(
      mantissas: memory.address.bindMemory(to: Int16.self, capacity: images * patches * channels),
      exponent: exponent, images: images, patches: patches, channels: channels)
  }

  /// Errors of the format's bits.
  init(
    images: Int, patches: Int, channels: Int, exponent: Int32, limit: Int16 = 2047, random: inout Generator
  ) {
    self.init(images: images, patches: patches, channels: channels, exponent: exponent)
    for index in 0..<tensor.count {
      tensor.mantissas[index] = Int16.random(in: -limit...limit, using: &random)
    }
  }

  var values: [Int] { (0..<tensor.count).map { Int(tensor.mantissas[$0]) } }
}
