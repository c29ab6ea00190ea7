#if arch(arm64) && INSTRUCTION_SET_ENABLED
  import CIntrinsics
  import Kernels

  // The packing of tiles of four rows and panels of sixteen columns, one depth after the other.

  /// Calls `body` for each of a number of steps. The compiler does not unroll this.
  @inline(__always)
  private func forEachStep(_ count: Int, _ body: (_ step: Int) -> Void) {
    var step = 0
    var rest = count
    while rest > 0 {
      body(step)
      step &+= 1
      rest = ocellus_counted_down(rest)
    }
  }

  /// Four depths at a time.
  func packFourRows(_ operand: ProductOperand, _ block: OperandBlock, _ target: UnsafeMutablePointer<Int16>) {
    let stride = operand.lineStride
    operand.pack(block, width: 4, depthGroup: 1, unit: 4, target) {
      (source: UnsafePointer<Int16>, steps, target) in
      forEachStep(steps) { step in
        let source = source + 4 &* step
        ocellus_store_in_turn(
          target + 16 &* step, loadHalf(source), loadHalf(source + stride), loadHalf(source + 2 &* stride),
          loadHalf(source + 3 &* stride))
      }
    }
  }

  func packFourRowsAcross(
    _ operand: ProductOperand, _ block: OperandBlock, _ target: UnsafeMutablePointer<Int16>
  ) {
    operand.pack(block, width: 4, depthGroup: 1, unit: 1, target) {
      (source: UnsafePointer<Int16>, steps, target) in
      forEachStep(steps) { step in store(loadHalf(source + step &* operand.depthStride), target + 4 &* step) }
    }
  }

  func packPanelBytes(_ operand: ProductOperand, _ block: OperandBlock, _ target: UnsafeMutablePointer<Int16>)
  {
    operand.pack(block, width: 16, depthGroup: 1, unit: 1, target) {
      (source: UnsafePointer<Int8>, steps, target) in
      forEachStep(steps) { step in
        let bytes: int8x16_t = load(source + step &* operand.depthStride)
        store(vmovl_s8(vget_low_s8(bytes)), target + 16 &* step)
        store(vmovl_high_s8(bytes), target + (16 &* step &+ 8))
      }
    }
  }

  func packPanelShorts(
    _ operand: ProductOperand, _ block: OperandBlock, _ target: UnsafeMutablePointer<Int16>
  ) {
    operand.pack(block, width: 16, depthGroup: 1, unit: 1, target) {
      (source: UnsafePointer<Int16>, steps, target) in
      forEachStep(steps) { step in
        let source = source + step &* operand.depthStride
        let (low, high) = (load(source), load(source + 8))
        store(low, target + 16 &* step)
        store(high, target + (16 &* step &+ 8))
      }
    }
  }

  func packPanelWords(_ operand: ProductOperand, _ block: OperandBlock, _ target: UnsafeMutablePointer<Int16>)
  {
    let right = vdupq_n_s32(0 &- operand.shift)
    operand.pack(block, width: 16, depthGroup: 1, unit: 1, target) {
      (source: UnsafePointer<Int32>, steps, target) in
      @inline(__always)
      func pack(_ source: UnsafePointer<Int32>, _ target: UnsafeMutablePointer<Int16>) {
        let low = vmovn_s32(vrshlq_s32(load(source), right))
        store(vmovn_high_s32(low, vrshlq_s32(load(source + 4), right)), target)
      }
      forEachStep(steps) { step in
        let source = source + step &* operand.depthStride
        pack(source, target + 16 &* step)
        pack(source + 8, target + (16 &* step &+ 8))
      }
    }
  }

  /// Number by number.
  func packPanelBytesAlong(
    _ operand: ProductOperand, _ block: OperandBlock, _ target: UnsafeMutablePointer<Int16>
  ) {
    operand.pack(block, width: 16, depthGroup: 1, unit: Int.max, target) {
      (source: UnsafePointer<Int8>, steps, target) in
    }
  }
#endif
