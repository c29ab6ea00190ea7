import FirmwareModel
import Foundation
import Imaging
import Kernels
import Training

/// Runs the frozen part on the photographs of a folder of folders.
struct FeatureReader: ~Copyable {
  private var decoder: JPEGDecoder
  private var resampler: InputResampler
  private let frozen: FrozenPart

  init(_ image: ImageInput, _ kernels: KernelTable, _ frozen: FrozenPart) throws {
    let decoder = try JPEGDecoder()
    resampler = try InputResampler(image, kernels: kernels)
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
        let tensor = frozen.input.bindMemory(to: Int8.self).baseAddress!
        try data.withUnsafeBytes { _ = try resampler.resample($0, &decoder, into: tensor) }
        samples.append(Sample(features: Array(frozen.run()), label: label))
      }
    }
    return samples
  }

  private func names(in folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { !$0.hasPrefix(".") }.sorted()
  }
}
