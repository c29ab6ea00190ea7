import FirmwareModel
import Imaging
import Kernels
import Platform
import Runtime
import Training

/// What the frozen part makes of each photograph and view, made once.
final class PhotographFeatures {
  private let photographs: Photographs
  private let plan: FinetunePlan
  private let image: ImageInput
  private let memory: UnsafeMutableRawBufferPointer
  private var cache: FeatureCache
  private let path: [CChar]
  let fingerprint: UInt64
  private(set) var unreadable = 0

  init(
    _ model: TrainableModel, _ photographs: Photographs, _ plan: FinetunePlan, _ options: FinetuneOptions
  ) throws(Failure) {
    var hash = Fingerprint()
    // The model's own checksum stands for all of its bytes.
    hash.add(UnsafeRawBufferPointer(rebasing: model.model.bytes[8..<20]))
    hash.add(plan.learning.blocks ?? -1)
    hash.add(plan.views)
    hash.add(photographs.fingerprint)
    fingerprint = hash.value
    let count = photographs.list.count * plan.views
    let bytes = FeatureCache.byteCount(
      count: count, entryBytes: plan.learning.entryBytes, memoryEntries: plan.memoryEntries)
    memory = .allocate(byteCount: bytes, alignment: 64)
    path = pathBeside(options.output, ".cache")
    do throws(FeatureCacheError) {
      cache = try FeatureCache(
        path: path, fingerprint: fingerprint, count: count, entryBytes: plan.learning.entryBytes,
        memory: memory)
    } catch { throw PhotographFeatures.failure(error, path) }
    self.photographs = photographs
    self.plan = plan
    image = model.model.image!
  }

  deinit { memory.deallocate() }

  private static func failure(_ error: FeatureCacheError, _ path: [CChar]) -> Failure {
    if case .system(let error) = error { return .systemOn(error, path) }
    return .failedOn(path, error.text)
  }

  private func entry(_ photograph: Int, _ view: Int) -> Int { photograph * plan.views + view }

  func isUsable(_ photograph: Int) -> Bool {
    for view in 0..<plan.views where cache.state(entry(photograph, view)) != .present { return false }
    return true
  }

  /// Decodes the photographs whose features aren't there yet, and runs the frozen part on their views.
  func fill(
    _ file: [UInt8], _ kernels: KernelTable, _ options: FinetuneOptions, _ report: FinetuneReport
  ) throws(Failure) {
    let frozen: FrozenPart
    do { frozen = try FrozenPart(file, kernels: kernels, threads: options.threads) } catch {
      throw Failure(error, options.model)
    }
    var reader = try PhotographReader(image, Array(View.training.prefix(plan.views)), kernels, options.model)
    let start = Clock.microseconds
    for (number, photograph) in photographs.list.enumerated() {
      report.reading(number, of: photographs.list.count, since: start)
      if cache.state(entry(number, 0)) == .unreadable || isUsable(number) { continue }
      let isRead = reader.read(photograph.path)
      do throws(FeatureCacheError) {
        if isRead {
          for view in 0..<plan.views {
            frozen.input.copyMemory(from: reader.tensor(of: view))
            try cache.store(entry(number, view), frozen.run())
          }
        } else {
          try cache.markUnreadable(entry(number, 0))
        }
      } catch { throw PhotographFeatures.failure(error, path) }
    }
    do throws(FeatureCacheError) { try cache.flush() } catch { throw PhotographFeatures.failure(error, path) }
    for number in photographs.list.indices where !isUsable(number) { unreadable += 1 }
    report.endReading(unreadable: unreadable)
  }

  func read(_ photograph: Int, view: Int, into input: UnsafeMutableRawBufferPointer) throws(Failure) {
    do throws(FeatureCacheError) { try cache.read(entry(photograph, view), into: input) } catch {
      throw PhotographFeatures.failure(error, path)
    }
  }

  func remove() throws(Failure) {
    do throws(FeatureCacheError) { try cache.remove() } catch {
      PhotographFeatures.failure(error, path).report()
    }
  }
}

/// Turns photographs into inputs of a network, in several views.
struct PhotographReader: ~Copyable {
  private var decoder: JPEGDecoder
  private var resampler: ViewResampler
  private let tensors: UnsafeMutableBufferPointer<Int8>

  init(
    _ image: ImageInput, _ views: [View], _ kernels: KernelTable, _ model: UnsafePointer<CChar>
  ) throws(Failure) {
    do throws(ImageError) {
      let decoder = try JPEGDecoder()
      let resampler = try ViewResampler(image, views: views, kernels: kernels)
      tensors = .allocate(capacity: views.count * resampler.elementCount)
      self.resampler = resampler
      self.decoder = decoder
    } catch { throw .failed(model, error.text) }
  }

  deinit { tensors.deallocate() }

  /// The network's input for a view of the photograph that was read last.
  func tensor(of view: Int) -> UnsafeRawBufferPointer {
    let first = view * resampler.elementCount
    return UnsafeRawBufferPointer(
      UnsafeBufferPointer(rebasing: tensors[first..<first + resampler.elementCount]))
  }

  /// - Returns: False where the photograph can't be used, which was said.
  mutating func read(_ path: [CChar]) -> Bool {
    path.withUnsafeBufferPointer { buffer in
      do throws(Failure) {
        let file = try LoadedModel.map(buffer.baseAddress!)
        do throws(ImageError) {
          let damage = try resampler.resample(file.bytes, &decoder, into: tensors.baseAddress!) {
            file.release(first: $0)
          }
          guard !damage.isTruncated else { throw ImageError(.malformed, offset: file.bytes.count) }
          return true
        } catch {
          reportUnusable(error, buffer.baseAddress!, frame: nil, detail: decoder.message)
        }
      } catch { error.report() }
      return false
    }
  }
}
