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

  /// Sixteen channels at a time, then eight.
  func sumChannelProductsWide(_ run: ChannelProductSums<Int16>) {
    @inline(__always)
    func add(_ low: inout int32x4_t, _ high: inout int32x4_t, _ errors: int16x8_t, _ inputs: int16x8_t) {
      low = vmlal_s16(low, vget_low_s16(errors), vget_low_s16(inputs))
      high = vmlal_high_s16(high, errors, inputs)
    }
    var channel = 0
    while channel &+ 8 <= run.channels {
      let output = run.output + channel
      var (errors, inputs) = (run.errors + channel, run.inputs + channel)
      var (a, b) = (load(output), load(output + 4))
      if channel &+ 16 <= run.channels {
        var (c, d) = (load(output + 8), load(output + 12))
        for _ in 0..<run.rowCount {
          add(&a, &b, load(errors), load(inputs))
          add(&c, &d, load(errors + 8), load(inputs + 8))
          errors += run.errorStride
          inputs += run.inputStride
        }
        store(c, output + 8)
        store(d, output + 12)
        channel &+= 8
      } else {
        for _ in 0..<run.rowCount {
          add(&a, &b, load(errors), load(inputs))
          errors += run.errorStride
          inputs += run.inputStride
        }
      }
      store(a, output)
      store(b, output + 4)
      channel &+= 8
    }
    run.addRest(from: channel) { sumChannelProductsScalar($0) }
  }

  /// Eight channels at a time.
  func sumWideChannelProductsWide(_ run: ChannelProductSums<Int32>) {
    var channel = 0
    while channel &+ 8 <= run.channels {
      let output = run.output + channel
      var (errors, inputs) = (run.errors + channel, run.inputs + channel)
      var (low, high) = (load(output), load(output + 4))
      for _ in 0..<run.rowCount {
        let error: int16x8_t = load(errors)
        low = vmlaq_s32(low, vmovl_s16(vget_low_s16(error)), load(inputs))
        high = vmlaq_s32(high, vmovl_high_s16(error), load(inputs + 4))
        errors += run.errorStride
        inputs += run.inputStride
      }
      store(low, output)
      store(high, output + 4)
      channel &+= 8
    }
    run.addRest(from: channel) { sumChannelProductsScalar($0) }
  }

  /// Eight channels of a row at a time.
  func spreadChannelsWide(_ run: ChannelSpread) {
    let whole = run.channels & ~7
    for row in 0..<run.rowCount {
      let (errors, output) = (run.errors + row &* run.errorStride, run.output + row &* run.outputStride)
      var channel = 0
      while channel < whole {
        let (error, weight) = (load(errors + channel), load(run.weights + channel))
        let target = output + channel
        store(vmlal_s16(load(target), vget_low_s16(error), vget_low_s16(weight)), target)
        store(vmlal_high_s16(load(target + 4), error, weight), target + 4)
        channel &+= 8
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
#endif
