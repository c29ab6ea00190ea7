/// One axis of a slice: which indices are taken.
struct SliceDimension {
  var start: Int
  var stride: Int
  var count: Int
}

extension TFLiteImporter {
  /// What STRIDED_SLICE takes along each input axis, and its output's shape.
  ///
  /// Source: TensorFlow's semantics of `strided_slice` with its five masks.
  func stridedSlice(
    _ node: Node, shape: [Int], begin: [Int], end: [Int], strides: [Int]
  ) throws -> (dimensions: [SliceDimension], shape: [Int]) {
    guard begin.count == end.count, begin.count == strides.count, begin.count < 32 else {
      throw Obstacle("its begin, end and strides differ in number")
    }
    let (beginMask, endMask) = (try node.integer(0), try node.integer(1))
    let (ellipsisMask, newAxisMask, shrinkMask) = (
      try node.integer(2), try node.integer(3), try node.integer(4)
    )
    let isOffset = try node.boolean(5)
    func has(_ mask: Int, _ index: Int) -> Bool { mask >> index & 1 == 1 }
    let named = begin.indices.filter { !has(ellipsisMask, $0) && !has(newAxisMask, $0) }.count
    guard named <= shape.count, begin.indices.filter({ has(ellipsisMask, $0) }).count <= 1 else {
      throw Obstacle("it slices \(named) axes of \(shape.count), or has more than one ellipsis")
    }
    var dimensions: [SliceDimension] = []
    var outputShape: [Int] = []
    func takeWhole() {
      let extent = shape[dimensions.count]
      dimensions.append(SliceDimension(start: 0, stride: 1, count: extent))
      outputShape.append(extent)
    }
    for index in begin.indices {
      if has(ellipsisMask, index) {
        for _ in 0..<shape.count - named where dimensions.count < shape.count { takeWhole() }
      } else if has(newAxisMask, index) {
        outputShape.append(1)
      } else {
        let extent = shape[dimensions.count]
        let stride = strides[index]
        guard stride != 0 else { throw Obstacle("its stride is 0") }
        var first = begin[index] < 0 ? begin[index] + extent : begin[index]
        if has(shrinkMask, index) {
          if has(beginMask, index) { first = 0 }
          guard stride > 0, first >= 0, first < extent else {
            throw Obstacle("index \(begin[index]) lies outside the axis of \(extent)")
          }
          dimensions.append(SliceDimension(start: first, stride: 1, count: 1))
          continue
        }
        var last = isOffset ? end[index] + first : end[index]
        if last < 0 { last += extent }
        let bounds = stride > 0 ? 0...extent : -1...extent - 1
        first = min(max(first, bounds.lowerBound), bounds.upperBound)
        last = min(max(last, bounds.lowerBound), bounds.upperBound)
        if has(beginMask, index) { first = stride > 0 ? 0 : extent - 1 }
        if has(endMask, index) { last = stride > 0 ? extent : -1 }
        let distance = stride > 0 ? last - first : first - last
        let count = distance <= 0 ? 0 : (distance + abs(stride) - 1) / abs(stride)
        guard count > 0 else { throw Obstacle("its slice of axis \(dimensions.count) is empty") }
        dimensions.append(SliceDimension(start: first, stride: stride, count: count))
        outputShape.append(count)
      }
    }
    while dimensions.count < shape.count { takeWhole() }
    return (dimensions, outputShape)
  }
}
