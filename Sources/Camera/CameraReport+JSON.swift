import Platform

extension CameraReport {
  /// An object a line: one for each node, and a last one where something is wrong as a whole.
  public func writeJSON(_ text: inout TextWriter) {
    for node in nodes { node.writeJSON(&text) }
    if findings.isEmpty { return }
    text.write("{\"device\":null,\"findings\":")
    text.write(list: findings) { finding, text in text.write(json: finding, []) }
    text.write("}\n")
  }
}

extension NodeReport {
  fileprivate func writeJSON(_ text: inout TextWriter) {
    text.write("{\"device\":")
    text.write(json: path)
    text.write(jsonField: "driver", driver)
    text.write(jsonField: "card", card)
    text.write(jsonField: "bus", bus)
    text.write(",\"kind\":")
    if let kind {
      text.write("\"")
      text.write(kind.name)
      text.write("\"")
    } else {
      text.write("null")
    }
    text.write(",\"names\":")
    text.write(list: names) { name, text in text.write(json: name) }
    if let connection {
      text.write(",\"usb\":{\"bus\":")
      text.write(connection.bus)
      text.write(",\"megabits\":")
      text.write(connection.megabits)
      text.write("}")
    }
    text.write(",\"formats\":")
    text.write(list: formats) { format, text in text.write(json: format) }
    text.write(",\"choice\":")
    if let choice {
      text.write(json: choice.format)
      text.write(json: choice.width, choice.height, choice.interval)
    } else {
      text.write("null")
    }
    text.write(",\"findings\":")
    text.write(list: findings) { finding, text in text.write(json: finding, path) }
    text.write("}\n")
  }
}

extension TextWriter {
  /// A member with a text, or with null where there is none.
  fileprivate mutating func write(jsonField name: StaticString, _ value: [UInt8]) {
    write(",\"")
    write(name)
    write("\":")
    if value.isEmpty { write("null") } else { write(json: value) }
  }

  /// The beginning of an object with a format.
  fileprivate mutating func write(json format: FourCC) {
    write("{\"format\":\"")
    write(format)
    write("\",")
  }

  /// The end of an object with a size; the rate is null where the driver does not say.
  fileprivate mutating func write(json width: Int, _ height: Int, _ interval: FrameInterval) {
    write("\"width\":")
    write(width)
    write(",\"height\":")
    write(height)
    write(",\"rate\":")
    if interval.isValid { write(interval, hasDecimals: true) } else { write("null") }
    write("}")
  }

  /// Its sizes are the least and the largest where there are steps between them.
  fileprivate mutating func write(json format: DeviceFormat) {
    write(json: format.format)
    write("\"description\":")
    write(json: bytes(format.description))
    write(",\"sizes\":")
    write(list: format.sizes) { size, text in
      text.write("{")
      text.write(json: size.width, size.height, size.shortestInterval)
    }
    if let steps = format.steps {
      write(",\"steps\":{\"width\":")
      write(steps.width)
      write(",\"height\":")
      write(steps.height)
      write("}")
    }
    write("}")
  }

  fileprivate mutating func write(json finding: CameraFinding, _ device: [CChar]) {
    write("{\"finding\":\"")
    write(finding.name)
    write("\",\"text\":\"")
    write(finding, device)
    write("\"}")
  }
}
