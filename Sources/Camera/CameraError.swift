import Platform

/// Why a camera can't be used, or not any longer.
public enum CameraError: Error, Equatable, Sendable {
  /// There is no such device, or it has gone.
  case gone
  /// The device exists, but no camera was found that could be used.
  case noCamera
  /// The user may not open the device.
  case permission
  /// Another program streams from it.
  case busy
  /// The device is none that frames can be read from.
  case unusable(DeviceKind)
  /// It sends in no format that is understood, or not in the one asked for.
  case format
  /// It does not send in the size asked for.
  case size
  /// It does not send at the rate asked for.
  case rate
  /// It refuses a setting that was asked for.
  case setting
  /// A call failed in a way that has no words of its own.
  case system(SystemError, during: Step)

  /// What was being done.
  public enum Step: Int, Equatable, Sendable {
    case open, query, format, buffers, map, stream, dequeue, queue, wait

    /// In words, for messages.
    public var text: StaticString {
      switch self {
      case .open: "opening it"
      case .query: "asking what it is"
      case .format: "setting its format"
      case .buffers: "asking for buffers"
      case .map: "mapping its buffers"
      case .stream: "starting the stream"
      case .dequeue: "taking a frame"
      case .queue: "giving a buffer back"
      case .wait: "waiting for a frame"
      }
    }
  }

  /// What is wrong and what helps, for a message that also names the camera.
  public var text: StaticString {
    switch self {
    case .gone: "there is no such camera; ocellus cameras lists those that there are"
    case .noCamera: "no camera was found; ocellus cameras says what there is and what is wrong with it"
    case .permission:
      "no permission; add the user to the group video: sudo usermod -aG video $USER, and log in again"
    case .busy: "the camera is busy: another program streams from it; ocellus cameras says which"
    case .unusable(let kind): kind.text
    case .format: "the camera sends in no format that fits; ocellus cameras lists its formats"
    case .size: "the camera does not send in this size; ocellus cameras lists its sizes"
    case .rate:
      "the camera does not send at this rate in this format and size; ocellus cameras lists its rates"
    case .setting: "the camera does not take this exposure; leave --exposure out"
    case .system: "the driver refused"
    }
  }

  init(_ error: SystemError, during step: Step) {
    switch error {
    case .noDevice, .noDeviceOrAddress, .noEntry: self = .gone
    case .accessDenied where step == .open: self = .permission
    case .busy: self = .busy
    default: self = .system(error, during: step)
    }
  }
}
