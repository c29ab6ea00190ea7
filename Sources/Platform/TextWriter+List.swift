extension TextWriter {
  /// The elements in square brackets, with commas between them.
  public mutating func write<Elements: Sequence>(
    list elements: Elements, each writeElement: (Elements.Element, inout TextWriter) -> Void
  ) {
    write("[")
    var isFirst = true
    for element in elements {
      if !isFirst { write(",") }
      isFirst = false
      writeElement(element, &self)
    }
    write("]")
  }
}
