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

  @Test func picturesNowAndThen() {
    func looked(_ interval: Int64, _ times: [Int64]) -> [Int64] {
      var pace = Pace(microseconds: interval)
      var looked: [Int64] = []
      for now in times where pace.wait(now) == 0 {
        pace.look(now)
        looked.append(now)
      }
      return looked
    }
    let times = (0..<20).map { Int64($0 * 33) }
    #expect(looked(0, times) == times)
    // Each is the first that comes after a multiple of the interval: lateness does not add up.
    #expect(looked(100, times) == [0, 132, 231, 330, 429, 528, 627])
    // After a pause the next begins anew.
    #expect(looked(100, [5, 50, 104, 105, 1000, 1050, 1099, 1100]) == [5, 105, 1000, 1100])
    var pace = Pace(microseconds: 100)
    pace.look(7)
    #expect(pace.wait(50) == 57)
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
