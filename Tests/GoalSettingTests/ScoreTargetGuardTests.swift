import Contracts
import GoalSetting
import Testing

@Suite struct ScoreTargetGuardTests {
  let guardian = ScoreTargetGuard.standard

  @Test(arguments: [
    ("Raise NPS to 60", ForbiddenTarget.nps), ("n.p.s above 50", .nps), ("N P S +10", .nps), ("ＮＰＳを上げる", .nps),
    ("N\u{200B}P\u{200B}S", .nps), ("NРS", .nps), ("ΝΡЅ", .nps), ("np5 > 40", .nps), ("nps60", .nps),
    ("npsScore", .nps), ("NPSTarget", .nps), ("eNPS®", .nps), ("Net-Promoter-Score", .nps), ("netpromoter", .nps),
    ("net_promoter_index", .nps), ("Weiterempfehlungsrate steigern", .nps), ("taux de recommandation", .nps),
    ("提高净推荐值", .nps), ("индекс лояльности", .nps),
    ("C-SAT of 4.5", .csat), ("C$AT", .csat), ("CSATs", .csat), ("c.s.a.t.", .csat),
    ("Kundenzufriedenheit", .csat), ("Gesamtkundenzufriedenheitswert", .csat), ("satisfacción del cliente", .csat),
    ("SATISFACCIO\u{301}N DEL CLIENTE", .csat), ("satisfaction client à 90 %", .csat), ("klanttevredenheid", .csat),
    ("müşteri memnuniyeti", .csat), ("удовлетворённость клиентов", .csat), ("رضا العملاء", .csat),
    ("提升客户满意度", .csat), ("顧客満足度", .csat), ("고객 만족도", .csat),
    ("CES below 2", .ces), ("c.e.s.", .ces), ("ces", .ces), ("Customer Effort Score", .ces),
    ("QA-Score 95", .qaScore), ("qa score", .qaScore), ("Qualitätsscore", .qaScore),
    ("AHT under 5 min", .handleTime), ("4HT", .handleTime), ("handling-time", .handleTime),
    ("h4ndle t1me", .handleTime),
    ("Bearbeitungszeit senken", .handleTime), ("durée moyenne de traitement", .handleTime),
    ("平均处理时间", .handleTime), ("positive sentiment", .sentiment), ("5-star reviews", .stars),
  ])
  func findsScores(_ text: String, _ target: ForbiddenTarget) {
    #expect(guardian.target(in: text) == target)
  }

  @Test(arguments: [
    "Write down two snippets of what customers said", "Open the unpsychic box", "Person C sat down with a customer",
    "Rappeler ces clients dans la journée", "Processes: try one change a week", "Call back every customer within a day",
    "Handle timely call-backs", "Suggest an idea after each huddle", "Test one idea in aisle 3",
    "Share a lesson with the Porto team", "Score three ideas by effort at the huddle", "Coach a colleague on empathy",
    "Sentimental letters", "Auf Zufriedene und Unzufriedene gleich zugehen", "Transport: fix the late bus cause",
    "Reduce the effort it takes to change an address", "Implement 4 ideas", "Die Ursache von Reklamationen beheben",
    "Cessar o retrabalho", "Проверить одну идею", "每周提出一个想法", "毎週アイデアを一つ試す",
  ])
  func leavesBehaviourAlone(_ text: String) {
    #expect(guardian.target(in: text) == nil)
  }

  @Test func knowsADeploymentsOwnWords() {
    let own = ScoreTargetGuard(ScoreVocabulary.standard.adding(["smile index", "*glückswert*"]))
    #expect(guardian.target(in: "Smile-Index 80") == nil)
    #expect(own.target(in: "Smile-Index 80") == .csat)
    #expect(own.target(in: "Kundengluckswerte") == .csat)
  }

  @Test func refusesAndSaysWhatToDoInstead() throws {
    let fault = try #require(throws: Fault.self) {
      try guardian.refuse(scoresIn: [("behaviour", "Get NPS up")])
    }
    #expect(fault.reason == "scoreTargetForbidden")
    #expect(fault.code.httpStatus == 422)
    #expect(fault.field == "behaviour")
    #expect(fault.message.contains("NPS") && fault.message.contains("counterMetric"))
  }
}
