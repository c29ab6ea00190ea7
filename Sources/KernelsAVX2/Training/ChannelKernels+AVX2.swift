#if arch(x86_64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  // A depthwise convolution's products and sums over patches: channels side by side.

  /// The exact products of sixteen int16 numbers with others: of columns 0–3 and 8–11, and of the others.
  @inline(__always)
  private func products(_ a: Vector, _ b: Vector) -> (Vector, Vector) {
    let (low, high) = (_mm256_mullo_epi16(a, b), _mm256_mulhi_epi16(a, b))
    return (_mm256_unpacklo_epi16(low, high), _mm256_unpackhi_epi16(low, high))
  }

  /// Adds two vectors in the order of `products` to sixteen sums.
  @inline(__always)
  private func add(_ a: Vector, _ b: Vector, to sums: UnsafeMutablePointer<Int32>) {
    ocellus_store_256(sums, _mm256_add_epi32(load(sums), ocellus_lower_halves(a, b)))
    ocellus_store_256(sums + 8, _mm256_add_epi32(load(sums + 8), ocellus_upper_halves(a, b)))
  }

  /// Sixteen channels at a time.
  func sumChannelProductsWide(_ run: ChannelProductSums<Int16>) {
    let whole = run.channels & ~15
    for channel in stride(from: 0, to: whole, by: 16) {
      var (errors, inputs) = (run.errors + channel, run.inputs + channel)
      var (a, b) = (_mm256_setzero_si256(), _mm256_setzero_si256())
      for _ in 0..<run.rowCount {
        let (first, second) = products(ocellus_load_256(errors), ocellus_load_256(inputs))
        a = _mm256_add_epi32(a, first)
        b = _mm256_add_epi32(b, second)
        errors += run.errorStride
        inputs += run.inputStride
      }
      add(a, b, to: run.output + channel)
    }
    sumRest(run, from: whole)
  }

  /// Eight channels at a time.
  func sumWideChannelProductsWide(_ run: ChannelProductSums<Int32>) {
    let whole = run.channels & ~7
    for channel in stride(from: 0, to: whole, by: 8) {
      var (errors, inputs) = (run.errors + channel, run.inputs + channel)
      var sum = load(run.output + channel)
      for _ in 0..<run.rowCount {
        sum = _mm256_add_epi32(sum, _mm256_mullo_epi32(loadWidened(errors), load(inputs)))
        errors += run.errorStride
        inputs += run.inputStride
      }
      ocellus_store_256(run.output + channel, sum)
    }
    sumRest(run, from: whole)
  }

  /// The channels from `first` on, by the definition.
  @inline(__always)
  private func sumRest<Input>(_ run: ChannelProductSums<Input>, from first: Int) {
    if first == run.channels { return }
    var rest = run
    rest.errors += first
    rest.inputs += first
    rest.output += first
    rest.channels &-= first
    sumChannelProductsScalar(rest)
  }

  /// Sixteen channels of a row at a time.
  func spreadChannelsWide(_ run: ChannelSpread) {
    let whole = run.channels & ~15
    for row in 0..<run.rowCount {
      let (errors, output) = (run.errors + row &* run.errorStride, run.output + row &* run.outputStride)
      for channel in stride(from: 0, to: whole, by: 16) {
        let (a, b) = products(ocellus_load_256(errors + channel), ocellus_load_256(run.weights + channel))
        add(a, b, to: output + channel)
      }
    }
    if whole == run.channels { return }
    var rest = run
    rest.errors += whole
    rest.weights += whole
    rest.output += whole
    rest.channels &-= whole
    spreadChannelsScalar(rest)
  }

  /// Sixteen channels at a time. Sums of 16 bits may wrap: so does what they are the lowest bits of.
  func sumPatchWide(_ patch: Patch, _ zeroPoint: Int32, _ output: UnsafeMutablePointer<Int16>) {
    guard patch.channels >= 16 else { return sumPatchScalar(patch, zeroPoint, output) }
    let count = Int32(truncatingIfNeeded: patch.rowCount &* patch.columnCount)
    let start = _mm256_set1_epi16(Int16(truncatingIfNeeded: 0 &- zeroPoint &* count))
    for next in stride(from: 0, to: patch.channels, by: 16) {
      // The last block may overlap the one before.
      let channel = min(next, patch.channels &- 16)
      var sum = start
      for row in 0..<patch.rowCount {
        var pixel = patch.input + (row &* patch.rowStride &+ channel)
        for _ in 0..<patch.columnCount {
          sum = _mm256_add_epi16(sum, _mm256_cvtepi8_epi16(ocellus_load_128(pixel)))
          pixel += patch.channels
        }
      }
      ocellus_store_256(output + channel, sum)
    }
  }
#endif
