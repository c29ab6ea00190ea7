import KernelChecks
import Testing

/// The checks that boards run too; one at a time, for they note failures in one place.
@Test(.serialized, arguments: KernelCheck.all.indices) func kernels(index: Int) {
  let check = KernelCheck.all[index]
  for failure in check.run() { Issue.record("\(check.name): \(failure)") }
}
