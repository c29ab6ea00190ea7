import Platform

extension CameraReport {
  /// For people: a paragraph for each camera, with what is wrong as sentences below it, and a line for each other node.
  public func writeText(_ text: inout TextWriter) {
    for index in nodes.indices where hasParagraph(index) {
      nodes[index].writeParagraph(&text)
      text.write("\n")
    }
    var isFirst = true
    for index in nodes.indices where !hasParagraph(index) {
      if isFirst { text.write("Other nodes:\n") }
      isFirst = false
      nodes[index].writeLine(&text)
    }
    for finding in findings {
      if !isFirst { text.write("\n") }
      text.write(finding, [])
      text.write("\n")
    }
  }

  /// Whether there is something to say of a node that was not said of one before: interfaces of CSI cameras have a
  /// handful of nodes, and without permission all nodes are alike.
  private func hasParagraph(_ index: Int) -> Bool {
    let node = nodes[index]
    guard node.isCamera else { return false }
    if node.kind == .camera { return true }
    for other in nodes[..<index]
    where other.kind == node.kind && other.driver == node.driver && other.findings == node.findings {
      return false
    }
    return true
  }
}

extension NodeReport {
  private static var labelWidth: Int { 10 }

  fileprivate func writeParagraph(_ text: inout TextWriter) {
    text.write(printable: path)
    if !card.isEmpty { text.write("  ") }
    text.write(printable: card)
    text.write("\n")
    if !driver.isEmpty {
      label("driver", &text)
      text.write(printable: driver)
      text.write(", ")
      text.write(printable: bus)
      if let connection {
        text.write(", USB at ")
        text.write(connection.megabits)
        text.write(" Mb/s")
      }
      text.write("\n")
    }
    for (index, name) in names.enumerated() {
      label(index == 0 ? "names" : "", &text)
      text.write(printable: name)
      text.write("\n")
    }
    for format in formats { write(format, &text) }
    if let choice {
      label("choice", &text)
      text.write(choice.format)
      text.write(" ")
      text.write(choice.width)
      text.write("×")
      text.write(choice.height)
      if choice.interval.isValid {
        text.write(" at ")
        text.write(choice.interval)
        text.write(" frames a second")
      }
      text.write(", for a model of 224×224\n")
    }
    for finding in findings {
      text.write("  ! ")
      text.write(finding, path)
      text.write("\n")
    }
  }

  fileprivate func writeLine(_ text: inout TextWriter) {
    text.write("  ")
    text.write(printable: path)
    // The path's count holds its zero.
    text.write(spaces: 15 - path.count)
    if let kind {
      text.write(kind.name)
      text.write(spaces: 12 - kind.name.utf8CodeUnitCount)
    } else if let finding = findings.first {
      text.write(finding.name)
      text.write(spaces: 12 - finding.name.utf8CodeUnitCount)
    }
    text.write(printable: driver)
    if !driver.isEmpty { text.write(spaces: 16 - driver.count) }
    text.write(printable: card)
    text.write("\n")
  }

  private func label(_ name: StaticString, _ text: inout TextWriter) {
    text.write("  ")
    text.write(name)
    text.write(spaces: Self.labelWidth - 2 - name.utf8CodeUnitCount)
  }

  /// A format's line: successive sizes of the same rate together.
  private func write(_ format: DeviceFormat, _ text: inout TextWriter) {
    text.write("  ")
    text.write(format.format)
    text.write(spaces: Self.labelWidth - 6)
    text.write(printable: bytes(format.description))
    var isFirst = true
    for (index, size) in format.sizes.enumerated() {
      text.write(isFirst ? ": " : format.steps == nil ? ", " : " to ")
      isFirst = false
      text.write(size.width)
      text.write("×")
      text.write(size.height)
      let next = index + 1 < format.sizes.count ? format.sizes[index + 1].shortestInterval : nil
      if size.shortestInterval.isValid && next != size.shortestInterval {
        text.write(" at ")
        text.write(size.shortestInterval)
      }
    }
    if let steps = format.steps {
      text.write(" in steps of ")
      text.write(steps.width)
      text.write("×")
      text.write(steps.height)
    }
    text.write("\n")
  }
}

extension TextWriter {
  /// Spaces, at least one.
  fileprivate mutating func write(spaces count: Int) { for _ in 0..<max(count, 1) { write(" ") } }
}
