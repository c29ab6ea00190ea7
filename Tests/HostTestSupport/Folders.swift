import Foundation

/// The repository.
public let packageRoot = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent()

/// The folder of real models and photographs, or nil for a user who has none: what needs it is then skipped.
public let dataFolder: URL? = {
  let path = ProcessInfo.processInfo.environment["OCELLUS_DATA"] ?? "../shared/data"
  let url = URL(fileURLWithPath: path, relativeTo: packageRoot).standardizedFileURL
  if FileManager.default.fileExists(atPath: url.appendingPathComponent("golden").path) { return url }
  print("SKIPPED: no real models and photographs at \(url.path) (set OCELLUS_DATA)")
  return nil
}()
