import FirmwareModel

extension ImageInput {
  /// Elements of the input tensor from a channel's to the next channel's, to the pixel to the right and to the
  /// one below.
  struct Steps {
    var channel: Int
    var right: Int
    var down: Int
  }

  /// The letterbox's bars.
  private static let midGray = 128

  var steps: Steps {
    switch order {
    case .heightWidthChannels: Steps(channel: 1, right: channels, down: width * channels)
    case .channelsHeightWidth: Steps(channel: width * height, right: 1, down: width)
    }
  }

  /// Makes the whole tensor mid-grey.
  func fillWithGray(_ tensor: UnsafeMutablePointer<Int8>) {
    let steps = steps
    for y in 0..<height {
      for channel in 0..<channels {
        let value = quantized[channel * 256 + ImageInput.midGray]
        let line = tensor + (y * steps.down + channel * steps.channel)
        for x in 0..<width { line[x * steps.right] = value }
      }
    }
  }
}
