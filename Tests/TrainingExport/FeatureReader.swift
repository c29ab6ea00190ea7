import FirmwareModel
import Foundation
import Imaging
import Kernels
import Training

/// Runs the frozen part on the photographs of a folder of folders.
struct FeatureReader: ~Copyable {
  private var decoder: JPEGDecoder
  private var resampler: ViewResampler
  private let frozen: FrozenPart
  private var tensors: [Int8]

  init(_ image: ImageInput, views: [View], _ kernels: KernelTable, _ frozen: FrozenPart) throws {
    let decoder = try JPEGDecoder()
    let resampler = try ViewResampler(image, views: views, kernels: kernels)
    tensors = Array(repeating: 0, count: views.count * resampler.elementCount)
    self.resampler = resampler
    self.decoder = decoder
    self.frozen = frozen
  }

  /// - Parameter shots: Photographs of each class, the first by name.
  mutating func read(_ folder: URL, shots: Int) throws -> [Sample] {
    var samples: [Sample] = []
    for (label, name) in try names(in: folder).enumerated() {
      let photographs = folder.appendingPathComponent(name)
      for file in try names(in: photographs).prefix(shots) {
        let data = try Data(contentsOf: photographs.appendingPathComponent(file))
        try data.withUnsafeBytes { _ = try resampler.resample($0, &decoder, into: &tensors) }
        var views: [[UInt8]] = []
        for view in resampler.views.indices {
          let first = view * resampler.elementCount
          tensors[first..<first + resampler.elementCount].withUnsafeBytes {
            frozen.input.copyMemory(from: $0)
          }
          views.append(Array(frozen.run()))
        }
        samples.append(Sample(views: views, label: label))
      }
    }
    return samples
  }

  private func names(in folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { !$0.hasPrefix(".") }.sorted()
  }
}
