/// `sums[c] += Σ_r input[r · stride + c]` over `rows` rows of `columns` values: the inner step of a mean.
public func sumRowsScalar(
  _ input: UnsafePointer<Int8>, _ rows: Int, _ stride: Int, _ columns: Int,
  _ sums: UnsafeMutablePointer<Int32>
) {
  for row in 0..<rows {
    let values = input + row &* stride
    for column in 0..<columns { sums[column] = sums[column] &+ Int32(values[column]) }
  }
}
