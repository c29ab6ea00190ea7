import FirmwareModel
import Foundation
import Imaging
import Runtime
import Training

let arguments = CommandLine.arguments.dropFirst()
do {
  try Export(Array(arguments)).run()
} catch {
  FileHandle.standardError.write(Data("training-export: \(error)\n".utf8))
  exit(1)
}
