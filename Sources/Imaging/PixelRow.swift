/// Rows of pixels as the resampler takes them.
public enum PixelRow {
  /// Bytes that have to be readable behind a row, whatever they are: pixels of three channels are read four
  /// bytes at a time.
  public static let padding = 1
}
