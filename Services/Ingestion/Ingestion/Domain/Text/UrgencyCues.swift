// How strongly a phrase says that something can't wait: the weight is the probability-like figure that it adds by
// itself. Weights are chosen by judgement and are ours; urgency is a cue for people, not a measurement.

enum UrgencyCues {
  static let weights = PhraseTable<Double>([
    (0.9, danger), (0.6, now), (0.5, stuck), (0.45, law), (0.3, pressing), (0.2, repeated),
  ])

  private static let danger = [
    "emergency", "life threatening", "life or death", "unsafe", "not safe", "dangerous", "danger", "injured", "injury",
    "hurt myself", "bleeding", "allergic reaction", "chest pain", "can't breathe", "cannot breathe", "suicidal",
    "kill myself", "gas leak", "caught fire", "on fire", "electric shock", "assaulted", "threatened", "fraud",
    "fraudulent", "scammed", "hacked", "stolen", "identity theft", "data breach",
  ]

  private static let now = [
    "urgent", "urgently", "asap", "as soon as possible", "immediately", "right away", "straight away", "right now",
    "at once", "help now", "need help now", "within the hour", "can't wait any longer", "cannot wait any longer",
  ]

  private static let stuck = [
    "stranded", "stuck at", "stuck in", "stuck on", "locked out", "can't get in", "cannot get in", "no heating",
    "no hot water", "no water", "no power", "no electricity", "no internet", "no signal", "without medication",
    "ran out of medication", "missed my connection", "missing my connection", "miss my flight", "can't access my money",
    "no money", "nowhere to stay", "sleeping in the airport",
  ]

  private static let law = [
    "lawyer", "attorney", "solicitor", "legal action", "sue", "suing", "small claims", "ombudsman", "regulator",
    "trading standards", "better business bureau", "press charges", "police", "go to the press",
  ]

  private static let pressing = [
    "today", "tonight", "tomorrow", "this morning", "this afternoon", "deadline", "running out of time", "hurry",
    "please help", "need help", "desperate", "desperately", "worried", "on hold", "for hours", "never again",
    "cancel my account", "close my account", "taking my business",
  ]

  private static let repeated = [
    "still waiting", "still no", "still not", "third time", "fourth time", "second time", "several times", "many times",
    "again and again", "over and over", "yet again", "no response", "no reply", "nobody answers", "no one answers",
    "for weeks", "for days", "for months", "keep calling", "called twice", "called three times",
  ]
}
