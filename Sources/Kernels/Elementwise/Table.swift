/// `output[i] = table[input[i] + 128]` for a table of 256 entries: any function of one int8 variable.
public func lookUpScalar(
  _ table: UnsafePointer<Int8>, _ input: UnsafePointer<Int8>, _ output: UnsafeMutablePointer<Int8>,
  _ count: Int
) {
  let middle = table + 128
  for index in 0..<count { output[index] = middle[Int(input[index])] }
}
