package import Contracts
import Foundation

/// Says in a sentence why an opportunity stands where it stands.
package enum Because {
  package static func sentence(for opportunity: Opportunity, isExploration: Bool) -> String {
    var parts = [reach(opportunity)]
    parts.append("\(severityWord(opportunity.severity)) (\(percent(opportunity.severity)))")
    if let growth = growth(opportunity.trend) { parts.append(growth) }
    if opportunity.recurrence >= 0.1 {
      parts.append("\(percent(opportunity.recurrence)) of customers came back with it")
    }
    if let effort = opportunity.effortPersonDays { parts.append("estimated at \(plain(effort)) person-days") }
    let facts = parts.joined(separator: ", ") + "."
    if opportunity.isPinned { return "Pinned by a person: " + facts }
    if isExploration { return "Drawn to give a weak signal a chance: " + facts }
    return facts.prefix(1).uppercased() + facts.dropFirst()
  }

  private static func reach(_ opportunity: Opportunity) -> String {
    let who = count(opportunity.reach, "customer")
    let teams = opportunity.breadth.teams.count
    let channels = opportunity.breadth.channels.count
    var places: [String] = []
    if teams > 1 { places.append("\(teams) teams") }
    if channels > 1 { places.append("\(channels) channels") }
    return places.isEmpty ? who : "\(who) in \(places.joined(separator: " and "))"
  }

  private static func severityWord(_ severity: Double) -> String {
    switch severity {
    case 0.6...: "severe"
    case 0.35..<0.6: "of middling severity"
    default: "of little severity"
    }
  }

  /// Only what the interval leaves no doubt about.
  private static func growth(_ trend: Trend) -> String? {
    if trend.low > 1 { return "growing to \(plain(trend.ratio)) times its rate of the weeks before" }
    if trend.high < 1 { return "down to \(percent(trend.ratio)) of its rate of the weeks before" }
    return nil
  }

  private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
  private static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }

  private static func plain(_ value: Double) -> String {
    let rounded = (value * 10).rounded() / 10
    return rounded == rounded.rounded() ? String(Int(rounded)) : String(rounded)
  }
}
