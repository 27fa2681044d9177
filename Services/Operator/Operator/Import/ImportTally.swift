/// What has become of the rows so far. Every row ends in exactly one of the three.
struct ImportTally: Codable, Equatable {
  var imported = 0
  var duplicates = 0
  var rejected = 0

  var settled: Int { imported + duplicates + rejected }
}

/// The last line of an import: every row accounted for.
struct ImportSummary: Codable, Equatable {
  var rows: Int
  var imported: Int
  var duplicates: Int
  var rejected: Int
  /// Where the rejected rows and their reasons are; nil where there are none.
  var rejectsFile: String?
  var seconds: Double
}
