import ModelCompiler

/// A model compiled in every form that computes the same: with large tensors alone handed on in strips, as users get
/// it, and with all that can be, where that makes a difference.
public func compiledForms(_ tflite: [UInt8]) throws(CompilerError) -> [[UInt8]] {
  let usual = try Compiler.compile(tflite: tflite)
  let strips = try Compiler.compile(tflite: tflite, options: CompilerOptions(leastStripBytes: 0))
  return usual == strips ? [usual] : [usual, strips]
}
