import Camera
import Testing

@Suite struct AnswerTests {
  @Test func labelsThatStand() {
    func shown(_ frames: Int, _ labels: [Int?]) -> [Int] {
      var stand = LabelStand(frames: frames)
      return labels.indices.filter { stand.shows(labels[$0]) }
    }
    let labels = [1, 1, 1, 2, 1, 1, nil, 1, 1, 1, 1, 3, 3]
    #expect(shown(0, labels) == [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12])
    #expect(shown(1, labels) == [0, 3, 4, 7, 11])
    #expect(shown(2, labels) == [1, 5, 8, 12])
    #expect(shown(3, labels) == [2, 9])
    #expect(shown(5, labels) == [])
  }

  /// Percentiles are within a class's width, 1/16 of the value, of those of the sorted values.
  @Test func percentiles() {
    for count in [1, 2, 10, 99, 100, 1000] {
      var counts = LatencyCounts()
      var values: [Int64] = []
      var state: UInt64 = UInt64(count)
      for _ in 0..<count {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        // From microseconds to minutes.
        let value = Int64(state >> 40) >> Int64(state >> 35 & 15)
        values.append(value)
        counts.add(value)
      }
      values.sort()
      for percent in [1, 50, 90, 99, 100] {
        let exact = values[max((count * percent + 99) / 100, 1) - 1]
        let found = counts.percentile(percent)
        #expect(abs(found - exact) <= exact / 16 + 1, "\(percent) of \(count): \(found), \(exact)")
      }
    }
    #expect(LatencyCounts().percentile(50) == 0)
    var extreme = LatencyCounts()
    extreme.add(Int64.max)
    extreme.add(-5)
    #expect(extreme.percentile(50) == 0)
    #expect(extreme.total == 2)
  }
}
