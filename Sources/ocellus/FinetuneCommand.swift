import FirmwareModel
import Platform
import Runtime
import Training

/// `ocellus finetune`: teaches a model the classes of folders of photographs.
func finetuneCommand(_ list: [UnsafePointer<CChar>]) throws(Failure) {
  let options = try FinetuneOptions(list)
  let file = try LoadedModel.map(options.model)
  let model = try LoadedModel.read(file.bytes, options.model)
  let trainable = try trainableModel(model, options)
  let photographs = try Photographs(in: options.data)
  guard photographs.classes.count > 1 else {
    throw .failed(
      options.data, "photographs of one class only; a network learns from differences: add a second folder")
  }
  let plan = try FinetunePlan(trainable, photographs, options)
  plan.report(isJSON: options.isJSON, trainable.mostBlocks)
  if options.isDryRun { return }
  let run = try FinetuneRun(trainable, photographs, plan, options)
  try run.run()
}

/// The model as one that can learn, after all of it was checked.
private func trainableModel(
  _ model: FirmwareModel, _ options: FinetuneOptions
) throws(Failure) -> TrainableModel {
  do { _ = try Interpreter.plan(model, options.instructionSet, threads: options.threads) } catch {
    throw Failure(error, options.model)
  }
  guard model.image != nil else {
    throw .failed(
      options.model, "this model takes no picture, so there is nothing photographs could teach it")
  }
  do { return try TrainableModel(model) } catch { throw Failure(error, options.model) }
}

extension Failure {
  init(_ error: TrainingError, _ path: UnsafePointer<CChar>) {
    switch error {
    case .severalBorders:
      self = .failed(path, "a model with several inputs or outputs can't learn; take a classifier")
    case .noFeatures:
      self = .failed(
        path, "this model's output is no row of numbers that classes could be made of; take a classifier")
    case .tooLarge: self = .failed(path, "the model is too large to be taken apart")
    }
  }
}
