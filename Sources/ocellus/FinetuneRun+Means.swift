import FirmwareModel
import Runtime
import Training

extension FinetuneRun {
  /// The means of the classes by the features that a learner has in the end, and how near to them a photograph lies that
  /// was not learned from. Where none was held out, each is compared with the mean of the others.
  func classMeans(_ learner: Learner) throws(Failure) -> ClassMeans {
    try addUp(learner)
    var means = learner.classMeans()
    var distances: [Int32] = []
    for number in heldOut.isEmpty ? learned : heldOut {
      try features.read(number, view: 0, into: learner.input)
      let nearest = learner.nearest(means)
      if heldOut.isEmpty {
        let entry = means.entries[photographs.list[number].label]
        distances.append(ClassMeans.distanceToOthers(nearest.distance, of: entry.photographs))
      } else {
        distances.append(nearest.distance)
      }
    }
    means.threshold = ClassMeans.threshold(distances)
    return means
  }
}
