#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  // A depthwise convolution's products: channels side by side.

  extension ChannelProductSums {
    /// The sums of channels from `first` on, by the definition.
    @inline(__always)
    fileprivate func addRest(from first: Int, _ sum: (ChannelProductSums) -> Void) {
      if first == channels { return }
      var rest = self
      rest.errors += first
      rest.inputs += first
      rest.output += first
      rest.channels &-= first
      sum(rest)
    }
  }

  /// Calls `body` with the errors and inputs of some channels in each row. The compiler does not unroll this.
  extension ChannelProductSums {
    @inline(__always)
    fileprivate func forEachRow(
      _ channel: Int, _ body: (_ errors: UnsafePointer<Int16>, _ inputs: UnsafePointer<Input>) -> Void
    ) {
      var (errors, inputs) = (errors + channel, inputs + channel)
      var rest = rowCount
      while rest > 0 {
        body(errors, inputs)
        errors += errorStride
        inputs += inputStride
        rest = ocellus_counted_down(rest)
      }
    }
  }

  /// Sixteen channels at a time, then eight.
  func sumChannelProductsWide(_ run: ChannelProductSums<Int16>) {
    @inline(__always)
    func add(_ low: inout int32x4_t, _ high: inout int32x4_t, _ errors: int16x8_t, _ inputs: int16x8_t) {
      low = vmlal_s16(low, vget_low_s16(errors), vget_low_s16(inputs))
      high = vmlal_high_s16(high, errors, inputs)
    }
    var channel = forEachSixteen(run.channels) {
      var sums = SixteenWords(run.output + $0)
      run.forEachRow($0) { errors, inputs in
        add(&sums.a, &sums.b, load(errors), load(inputs))
        add(&sums.c, &sums.d, load(errors + 8), load(inputs + 8))
      }
      sums.write(run.output + $0)
    }
    if channel &+ 8 <= run.channels {
      let output = run.output + channel
      var (low, high) = (load(output), load(output + 4))
      run.forEachRow(channel) { add(&low, &high, load($0), load($1)) }
      store(low, output)
      store(high, output + 4)
      channel &+= 8
    }
    run.addRest(from: channel) { sumChannelProductsScalar($0) }
  }

  func sumWideChannelProductsWide(_ run: ChannelProductSums<Int32>) {
    let channel = forEachSixteen(run.channels) {
      var sums = SixteenWords(run.output + $0)
      run.forEachRow($0) { errors, inputs in
        let errors = SixteenWords(widened: load(errors), load(errors + 8))
        sums = sums.with(errors.with(SixteenWords(inputs), vmulq_s32), vaddq_s32)
      }
      sums.write(run.output + $0)
    }
    run.addRest(from: channel) { sumChannelProductsScalar($0) }
  }

  func spreadChannelsWide(_ run: ChannelSpread) {
    var whole = 0
    for row in 0..<run.rowCount {
      let (errors, output) = (run.errors + row &* run.errorStride, run.output + row &* run.outputStride)
      whole = forEachSixteen(run.channels) {
        let (a, b) = (load(errors + $0), load(errors + ($0 &+ 8)))
        let (low, high) = (load(run.weights + $0), load(run.weights + ($0 &+ 8)))
        var sums = SixteenWords(output + $0)
        sums.a = vmlal_s16(sums.a, vget_low_s16(a), vget_low_s16(low))
        sums.b = vmlal_high_s16(sums.b, a, low)
        sums.c = vmlal_s16(sums.c, vget_low_s16(b), vget_low_s16(high))
        sums.d = vmlal_high_s16(sums.d, b, high)
        sums.write(output + $0)
      }
    }
    if whole == run.channels { return }
    var rest = run
    rest.errors += whole
    rest.weights += whole
    rest.output += whole
    rest.channels &-= whole
    spreadRest(rest)
  }

  /// The definition, which is small where it is not inlined.
  @inline(never) @_optimize(size)
  private func spreadRest(_ run: ChannelSpread) { spreadChannelsScalar(run) }
#endif
