import Platform

/// What `--help` prints.
enum Help {
  static func print(_ command: UnsafePointer<CChar>?) {
    var text = TextWriter.standardOutput
    text.write(
      """
      ocellus: classify pictures with a compiled model, in integers

        ocellus classify --model M PATH… [--top K] [--count N] [--min-score P] [--hold N] [--threads N]
                         [--unknown] [--kernels SET] [--json]
        ocellus classify --model M [--camera DEV] [--every S] [--save-frames DIR [--save-limit MB]]
                         [--format F] [--size WxH] [--rate R] [--exposure auto|steady|N] and the flags above
        ocellus evaluate --model M --data DIR [--threads N] [--kernels SET] [--json]
        ocellus finetune --model M --data DIR --output M2 [--classes replace] [--blocks K] [--patch R] [--epochs E]
                         [--seed S] [--memory BYTES] [--dry-run] [--resume] [--threads N] [--kernels SET] [--json]
        ocellus run      --model M --input X.bin --output Y.bin [--threads N] [--kernels SET]
        ocellus bench    --model M [--threads N] [--runs N] [--warmup N] [--profile] [--kernels SET] [--json]
        ocellus inspect  M [--json]
        ocellus cameras  [--json]

      PATH is a JPEG, a folder of JPEGs, a .mjpeg stream, or - (MJPEG on standard input). Without one a camera's
      newest frames are classified: those of DEV (a path, a bus or a camera's name), or of the first camera; on a
      terminal in place, in a pipe as JSON. --hold N reports a label once it has stood for N frames; --every S looks
      at a frame every S seconds; --unknown says so of a picture that is like none of those that finetune has shown
      the model; F is YUYV, NV12, RGB24, GREY, MJPG…; --exposure N is in microseconds. The DIR of --data holds folders
      named by class. SET is scalar, avx2, avx512, neon, dotprod or auto (the fastest that this processor has).
      finetune teaches a model the classes of DIR's folders; --resume goes on after an interruption; BYTES may end in K, M
      or G.
      Flags take `--flag VALUE` or `--flag=VALUE`. Exit status: 0 done, 1 failed, 2 wrong usage.

      """)
    text.flush()
  }
}
