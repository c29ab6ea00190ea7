import Platform

/// What `--help` prints.
enum Help {
  static func print(_ command: UnsafePointer<CChar>?) {
    var text = TextWriter.standardOutput
    text.write(
      """
      ocellus: classify pictures with a compiled model, in integers

        ocellus run      --model M --input X.bin --output Y.bin [--threads N] [--kernels SET]
        ocellus bench    --model M [--threads N] [--runs N] [--warmup N] [--profile] [--kernels SET] [--json]
        ocellus inspect  M [--json]

      SET is scalar, avx2, avx512, neon, dotprod or auto (the fastest that this processor has).
      Flags take `--flag VALUE` or `--flag=VALUE`. Exit status: 0 done, 1 failed, 2 wrong usage.

      """)
    text.flush()
  }
}
