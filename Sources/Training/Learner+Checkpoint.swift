import Kernels

/// What of the learning outlives the process.
extension Learner {
  /// Words beside the parameters: running scales, the head's exponent, and what the run itself keeps.
  static func checkpointWords(_ network: TailNetwork) -> Int {
    2 * (network.layers.count + 1) + 1 + Learner.runWords
  }

  /// Numbers that the run may keep in a checkpoint.
  public static var runWords: Int { 4 }

  /// The run's numbers: read and written by the caller.
  public var run: UnsafeMutablePointer<Int64> {
    checkpointMemory + (Learner.checkpointWords(tail.network) - Learner.runWords)
  }

  /// Where a checkpoint's bytes lie, in its order.
  public var checkpointParts: [UnsafeMutableRawBufferPointer] {
    [
      UnsafeMutableRawBufferPointer(start: stateMemory, count: tail.plan.stateBytes),
      UnsafeMutableRawBufferPointer(
        start: checkpointMemory, count: 8 * Learner.checkpointWords(tail.network)),
    ]
  }

  public var checkpointBytes: Int { tail.plan.stateBytes + 8 * Learner.checkpointWords(tail.network) }

  /// Puts what is not where a checkpoint takes it from there; to be called before one is saved.
  public func gatherCheckpoint() {
    var next = checkpointMemory
    func put(_ value: Int64) {
      next.pointee = value
      next += 1
    }
    put(Int64(tail.head.logitExponent))
    put(tail.head.parameter.scale.value)
    put(tail.head.bias.scale.value)
    for number in tail.network.layers.indices {
      put(tail.layers[number].parameter.scale.value)
      put(tail.layers[number].bias.scale.value)
    }
  }

  /// Takes over what a checkpoint has brought to where its bytes lie.
  public func spreadCheckpoint() {
    var next = checkpointMemory
    func take() -> Int64 {
      defer { next += 1 }
      return next.pointee
    }
    tail.head.resume(
      logitExponent: Int32(truncatingIfNeeded: take()), scale: RunningScale(value: take()),
      biasScale: RunningScale(value: take()))
    for number in tail.network.layers.indices {
      tail.layers[number].parameter.scale = RunningScale(value: take())
      tail.layers[number].bias.scale = RunningScale(value: take())
      tail.layers[number].parameter.roundMasters()
      tail.publish(number, modelAddress)
    }
  }
}
