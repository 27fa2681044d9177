import Contracts

// Phrases that point to a signal with some certainty: features for ranking, never filters. They are English; a text in
// another language matches none of them and goes on without.

enum Cues {
  static let signals = PhraseTable<Signal>([
    (.complaint, complaint), (.wish, wish), (.workaround, workaround), (.praise, praise), (.question, question),
    (.churnReason, churnReason),
  ])

  private static let complaint = [
    "not happy", "unhappy", "dissatisfied", "not satisfied", "disappointed", "disappointing", "unacceptable",
    "not acceptable", "complain", "complaint", "complaints", "complained", "complaining", "worst", "terrible", "awful",
    "horrible", "appalling", "disgraceful", "disgusting", "ridiculous", "useless", "rude", "poor service",
    "bad service", "terrible service", "no help", "not helpful", "unhelpful", "no response", "no reply",
    "never responded", "never replied", "nobody answers", "no one answers", "nobody called", "no one called",
    "never called back", "on hold", "still waiting", "been waiting", "waited for", "kept waiting", "long wait",
    "waste of time", "waste of money", "doesn't work", "does not work", "didn't work", "did not work", "not working",
    "isn't working", "stopped working", "broken", "damaged", "faulty", "failed", "keeps failing", "keeps crashing",
    "error message", "wrong item", "wrong order", "never arrived", "didn't arrive", "did not arrive",
    "hasn't arrived", "not arrived", "lost my", "lost luggage", "lost bag", "cancelled my", "canceled my",
    "overcharged",
    "charged twice", "charged me twice", "double charged", "hidden fee", "hidden fees", "want a refund",
    "want my money back", "money back", "ripped off", "rip off", "let down", "fed up", "frustrated", "frustrating",
    "annoyed", "annoying", "angry", "furious", "nightmare", "too slow", "too long", "too expensive",
    "customer service is terrible", "third time", "second time this", "yet again", "no explanation", "lied to",
  ]

  private static let wish = [
    "i wish", "we wish", "wish you", "wish there", "wish it", "would be nice", "would be great", "would be good",
    "would be better", "would be helpful", "would be useful", "would love", "would like to see", "would like it if",
    "i'd love", "i'd like to see", "we'd love", "it would help if", "would help if", "please add", "please make",
    "please offer", "please allow", "please consider", "please bring back", "please provide", "could you add",
    "can you add", "should be able to", "should have an option", "should offer", "should allow", "should provide",
    "you should", "need more", "needs more", "needs to be", "need an option", "need a way", "want to be able",
    "would prefer", "i'd prefer", "if only", "how about", "why not", "suggest", "suggestion", "suggestions", "my idea",
    "feature request", "missing feature", "more staff", "more parking", "could be improved", "could be better",
    "room for improvement", "hope you will", "looking forward to having", "it'd be nice", "it'd be great",
  ]

  private static let workaround = [
    "workaround", "work around", "worked around", "working around", "i had to", "we had to", "i ended up",
    "we ended up", "ended up having to", "instead i", "so i used", "so i just", "so we just", "had to use my own",
    "have to use my own", "had to print", "had to go back", "do it manually", "did it manually", "by hand",
    "in a spreadsheet", "copy and paste", "took a screenshot", "had to call", "had to phone", "had to ring",
    "had to email", "had to ask a friend", "asked my daughter", "asked my son", "the trick is", "the only way",
    "only way i could", "only way to", "bypass", "made do",
  ]

  private static let praise = [
    "thank you", "thanks to", "many thanks", "thanks so much", "thanks for the", "excellent", "fantastic", "wonderful",
    "brilliant", "amazing", "outstanding", "superb", "awesome", "great service", "great job", "good job", "well done",
    "very helpful", "so helpful", "extremely helpful", "really helpful", "very kind", "so kind", "very friendly",
    "very happy", "really happy", "so happy", "very pleased", "really pleased", "very satisfied", "highly recommend",
    "would recommend", "love the", "love your", "love you guys", "loved the", "loved it", "love it", "best service",
    "best experience", "the best", "went above and beyond", "above and beyond", "first class", "impressed",
    "very professional", "couldn't be better", "could not be better", "keep up the good work", "made my day",
    "life saver", "lifesaver", "five stars",
  ]

  private static let question = [
    "how do i", "how can i", "how do you", "how long will", "how long does", "how much is", "how much does",
    "what is the", "what are the", "when will", "when does", "when is", "where is my", "where can i", "where do i",
    "who do i", "why is my", "why was", "why do i", "can i", "could i", "am i able to", "is it possible",
    "is there a way", "is there any way", "do you have", "do you offer", "can you tell me", "could you tell me",
    "can someone", "can anyone", "please advise", "i'd like to know", "i would like to know", "wondering if",
  ]

  private static let churnReason = [
    "never again", "never fly", "never flying", "never use", "never using", "never buy", "never shop", "never book",
    "never come back", "never go back", "won't be back", "will not be back", "won't come back", "won't be coming back",
    "won't be returning", "will not return", "won't use", "will not use", "won't be using", "won't be flying",
    "switch to", "switching to", "switched to", "switching provider", "switching providers", "moving to another",
    "moved to another", "going to another", "going elsewhere", "go elsewhere", "taking my business", "take my business",
    "take our business", "taking our business", "cancel my subscription", "cancel my account", "cancel my contract",
    "cancel my membership", "cancelling my subscription", "cancelling my account", "cancelling my contract",
    "canceling my subscription", "canceling my account", "close my account", "closing my account", "closed my account",
    "leaving you", "lost a customer", "losing a customer", "lost my business", "lost a loyal", "last time i",
    "last time we", "last flight with", "your competitor", "your competitors", "a competitor",
  ]
}
