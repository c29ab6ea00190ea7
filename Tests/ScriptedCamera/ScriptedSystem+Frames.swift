import CV4L
import Camera
import Foundation

extension ScriptedSystem {
  /// The frame that is due on a descriptor arrives, or what the script has instead.
  func makeFrame(_ descriptor: Int32, at time: Int64) {
    var handle = handles[descriptor]!
    // Kept in the table meanwhile, it would be copied.
    handles[descriptor] = nil
    defer { handles[descriptor] = handle }
    let index = handle.device
    let interval = Int64(handle.interval.numerator) * 1_000_000 / Int64(max(handle.interval.denominator, 1))
    handle.nextFrame = time + interval * devices[index].slowness
    let frame = frames[index]
    frames[index] += 1
    let incident = devices[index].incidents[frame]
    switch incident {
    case .transferError:
      handle.transferErrors += 1
      return
    case .transferErrorLosingBuffer:
      if !handle.queued.isEmpty { handle.queued.removeFirst() }
      handle.transferErrors += 1
      return
    case .falseAlarm:
      handle.falseAlarms += 1
      return
    case .lost(let count): frames[index] += count
    case .pause(let microseconds):
      handle.nextFrame = time + microseconds
      return
    case .sourceChange(let width, let height):
      devices[index].forcedFormat = (FourCC(code: handle.format.pixelformat), width, height)
      handle.hasEvent = true
      return
    case .fatal:
      handle.hasError = true
      return
    case .unplug(let microseconds, let number):
      present[index] = false
      returnTime[index] = time + microseconds
      devices[index].number = number
      handle.isAlive = false
      return
    case .queueRefused: handle.refusesQueue = true
    default: break
    }
    // Without a buffer to fill the driver drops the frame.
    guard !handle.queued.isEmpty else { return }
    let number = handle.queued.removeFirst()
    write(incident, frames[index] - 1, at: time, into: &handle.buffers[number], handle.format, index)
    handle.done.append(number)
  }

  private func write(
    _ incident: ScriptedDevice.Incident?, _ frame: Int, at time: Int64, into buffer: inout Buffer,
    _ format: ocellus_v4l2_pix_format, _ index: Int
  ) {
    let memory = buffer.memory
    if let fill = devices[index].fill {
      buffer.bytesUsed = fill(frame, StreamFormat(format), memory)
    } else {
      buffer.bytesUsed = Int(format.sizeimage)
      memset(memory.baseAddress!, Int32(frame & 0xFF), buffer.bytesUsed)
    }
    buffer.flags = OCELLUS_V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC
    buffer.sequence = UInt32(truncatingIfNeeded: frame)
    buffer.stamp = time
    buffer.shownIndex = nil
    switch incident {
    case .flagged: buffer.flags |= OCELLUS_V4L2_BUF_FLAG_ERROR
    case .bytes(let count): buffer.bytesUsed = count
    case .truncated(let count): buffer.bytesUsed = max(buffer.bytesUsed - count, 0)
    case .noHeader: memory[0] = 0x11
    case .padded(let count):
      memset(memory.baseAddress! + buffer.bytesUsed, 0, count)
      buffer.bytesUsed += count
    case .wrongIndex(let wrong): buffer.shownIndex = wrong
    case .stampOff(let microseconds): buffer.stamp += microseconds
    case .stampUnknown: buffer.flags &= ~OCELLUS_V4L2_BUF_FLAG_TIMESTAMP_MASK
    default: break
    }
  }
}
