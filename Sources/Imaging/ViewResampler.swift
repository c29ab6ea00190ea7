import FirmwareModel
import Kernels

/// Turns pictures into input tensors, one for each of several views, in one pass of their decoder: most of the time
/// goes into decoding.
///
/// Each view has the bytes that `InputResampler` makes of it alone. Once it has seen a size of picture, more pictures
/// of that size allocate nothing.
public struct ViewResampler: ~Copyable {
  /// What arrays can hold.
  private final class Member {
    var resampler: InputResampler

    init(_ resampler: consuming InputResampler) { self.resampler = resampler }
  }

  public let input: ImageInput
  public let views: [View]
  private let members: [Member]

  /// - Parameters:
  ///   - views: At least one.
  ///   - kernels: Those of the instruction set to be used; all give the same bytes.
  /// - Throws: Only for want of memory.
  public init(_ input: ImageInput, views: [View], kernels: KernelTable = .scalar) throws(ImageError) {
    precondition(!views.isEmpty)
    var members: [Member] = []
    for _ in views { members.append(Member(try InputResampler(input, kernels: kernels))) }
    self.input = input
    self.views = views
    self.members = members
  }

  /// Elements of a view's tensor.
  public var elementCount: Int { members[0].resampler.elementCount }

  /// Decodes a JPEG into the tensors of all views, holding no more than a few rows of it.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - decoder: Its message says what was wrong.
  ///   - tensors: `elementCount` elements for each view, one after the other.
  ///   - passed: Told from time to time how many of the bytes are no longer needed.
  /// - Returns: The damage, which the tensors have with it; whether that is good enough is for the caller to say.
  public mutating func resample(
    _ bytes: UnsafeRawBufferPointer, _ decoder: inout JPEGDecoder, into tensors: UnsafeMutablePointer<Int8>,
    passed: (Int) -> Void = { _ in }
  ) throws(ImageError) -> JPEGDecoder.Damage {
    let shape = try decoder.begin(bytes, for: input)
    do throws(ImageError) {
      for index in views.indices {
        try members[index].resampler.begin(
          shape, view: views[index], into: tensors + index * elementCount)
      }
    } catch {
      decoder.abandon()
      throw error
    }
    var rows = members[0].resampler.neededRows
    var columns = members[0].resampler.neededColumns
    for member in members {
      rows = ViewResampler.union(rows, member.resampler.neededRows)
      columns = ViewResampler.union(columns, member.resampler.neededColumns)
    }
    let first = try decoder.crop(to: columns)
    for member in members { member.resampler.skipRows(rows.lowerBound) }
    return try decoder.pass(rows, height: shape.height, passed: passed) { (decoder) throws(ImageError) in
      let row = try decoder.nextRow()
      for member in members { member.resampler.add(row, from: first) }
    }
  }

  private static func union(_ a: Range<Int>, _ b: Range<Int>) -> Range<Int> {
    min(a.lowerBound, b.lowerBound)..<max(a.upperBound, b.upperBound)
  }
}
