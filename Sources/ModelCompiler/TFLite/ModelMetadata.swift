/// What a TFLite model's metadata says about its input picture.
///
/// Source of the field numbers: TFLite Support's `metadata_schema.fbs`.
enum ModelMetadata {
  /// The range of the first input's NormalizationOptions, `real = (pixel − mean) / deviation`, or nil where the
  /// metadata has none. Damaged metadata says nothing: the model is complete without it.
  static func inputRange(_ bytes: [UInt8]) -> InputRange? {
    guard let (means, deviations) = try? normalization(bytes), !means.isEmpty,
      means.count == deviations.count, means.count == 1 || means.count == 3,
      (means + deviations).allSatisfy(\.isFinite), deviations.allSatisfy({ $0 != 0 })
    else { return nil }
    let lows = zip(means, deviations).map { Double(-$0) / Double($1) }
    let highs = zip(means, deviations).map { Double(255 - $0) / Double($1) }
    if Set(lows).count == 1 && Set(highs).count == 1 { return .linear(low: lows[0], high: highs[0]) }
    return .perChannel(lows: lows, highs: highs)
  }

  private static func normalization(_ bytes: [UInt8]) throws(CompilerError) -> ([Float], [Float])? {
    let model = try FlatBuffer(bytes: bytes).root()
    guard let graph = try model.tables(3).first, let input = try graph.tables(2).first else { return nil }
    for unit in try input.tables(4) where try unit.integer(0, as: UInt8.self) == 1 {
      guard let options = try unit.table(1) else { continue }
      return (try options.singles(0), try options.singles(1))
    }
    return nil
  }
}
