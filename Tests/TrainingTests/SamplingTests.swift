import Testing

@testable import Training

@Suite struct SamplingTests {
  /// Each order is a permutation, no two are alike, and any number comes to any place about as often.
  @Test func ordersAreShuffled() {
    let sampling = Sampling(seed: 3)
    let (count, epochs) = (20, 4000)
    var places = [Int](repeating: 0, count: count * count)
    var last: [Int32] = []
    for epoch in 0..<epochs {
      var order = (0..<count).map { Int32($0) }
      order.withUnsafeMutableBufferPointer { sampling.shuffle($0, epoch: epoch) }
      #expect(order.sorted() == (0..<count).map { Int32($0) })
      #expect(order != last)
      last = order
      for (place, number) in order.enumerated() { places[place * count + Int(number)] += 1 }
    }
    // 200 of each are expected, with a standard deviation of 14.
    #expect(places.min()! > 130 && places.max()! < 270)
  }

  @Test func viewsAreDrawnEvenly() {
    let sampling = Sampling(seed: 1)
    var counts = [0, 0, 0]
    for photograph in 0..<300 {
      for epoch in 0..<10 { counts[sampling.view(of: photograph, epoch: epoch, views: 3)] += 1 }
    }
    #expect(counts.min()! > 900)
  }

  @Test func aFifthIsHeldOut() {
    let photographs = Array(100..<137)
    let (first, second) = (Sampling(seed: 1), Sampling(seed: 2))
    #expect(first.heldOut(of: photographs).count == 7)
    #expect(first.heldOut(of: photographs).allSatisfy(photographs.contains))
    #expect(first.heldOut(of: photographs) == first.heldOut(of: photographs))
    #expect(first.heldOut(of: photographs) != second.heldOut(of: photographs))
    #expect(first.heldOut(of: [1, 2, 3, 4]).isEmpty)
  }
}
