// Written for Groundswell by judgement, word by word; no published lexicon was copied. It is a cold start: good enough
// to set glowing from bitter apart, not to rank anybody by.

enum SentimentLexicon {
  /// From -3 (bitter) to 3 (glowing).
  static let weights: [String: Double] = {
    var weights: [String: Double] = [:]
    for (weight, words) in words {
      for word in words.split(separator: " ") { weights[String(word)] = weight }
    }
    return weights
  }()

  /// Turn the weight of one of the next few words round, and weaken it.
  static let negations: Set<String> = [
    "not", "no", "never", "none", "nothing", "nobody", "neither", "nor", "without", "hardly", "barely", "cannot",
    "can't", "don't", "doesn't", "didn't", "isn't", "wasn't", "aren't", "weren't", "won't", "wouldn't", "couldn't",
    "shouldn't", "haven't", "hasn't", "hadn't", "ain't", "cant", "dont", "doesnt", "didnt", "isnt", "wasnt", "wont",
  ]

  /// Multiply the weight of the next word.
  static let degrees: [String: Double] = [
    "very": 1.3, "really": 1.3, "so": 1.25, "extremely": 1.5, "absolutely": 1.4, "totally": 1.4, "completely": 1.4,
    "incredibly": 1.5, "utterly": 1.5, "super": 1.3, "too": 1.1, "most": 1.2, "beyond": 1.3, "particularly": 1.2,
    "quite": 0.9, "fairly": 0.8, "rather": 0.8, "somewhat": 0.7, "slightly": 0.6, "bit": 0.6, "little": 0.6,
    "kinda": 0.7, "almost": 0.8, "mostly": 0.8,
  ]

  /// What follows these outweighs what went before.
  static let turns: Set<String> = ["but", "however", "although", "though", "except", "unfortunately", "yet"]

  private static let words: [(Double, String)] = [
    (3, "excellent outstanding superb fantastic wonderful amazing brilliant awesome perfect exceptional incredible"),
    (3, "phenomenal marvellous marvelous faultless flawless magnificent best"),
    (2, "great love loved loves lovely happy pleased delighted impressed impressive helpful kind caring friendly"),
    (2, "compassionate attentive professional thank thanks grateful thankful appreciate appreciated recommend"),
    (2, "thorough knowledgeable courteous polite reassuring reassured welcoming enjoyable enjoyed enjoy delicious"),
    (2, "beautiful generous efficient supportive trustworthy glad thrilled satisfied smooth"),
    (1, "good nice fine clean easy quick quickly fast prompt promptly comfortable clear calm safe reliable useful"),
    (1, "convenient better improved improvement understanding listened resolved solved fixed works worked pleasant"),
    (1, "warm simple affordable fair free smile smiling respectful respect well fun cool yay kudos cheers quiet"),
    (1, "accurate punctual responsive flexible honest interesting informative kindly helped helps"),
    (-1, "slow late delay delayed delays wait waiting waited long confusing confused unclear difficult hard expensive"),
    (-1, "problem problems issue issues trouble busy crowded noisy noise dirty cold missing wrong mistake mistakes"),
    (-1, "lacking lack poorly cramped boring dull tired uncomfortable complicated error errors bug bugs unable stuck"),
    (-1, "ignored ignore forgot forgotten unanswered limited outdated old rushed queue queues short understaffed"),
    (-1, "refused refuse denied deny overbooked unfortunately sad miss missed sorry concern concerned worried worry"),
    (-2, "bad poor disappointed disappointing disappointment unhappy dissatisfied annoyed annoying frustrated"),
    (
      -2,
      "frustrating frustration rude unhelpful unprofessional useless broken damaged faulty failed fail fails failure"
    ),
    (-2, "failing lost cancelled canceled overcharged stranded complaint complain complained angry upset upsetting"),
    (-2, "hate hated mess messy chaos chaotic incompetent careless neglected dismissive dismissed painful pain"),
    (-2, "unfair unreliable unsafe ridiculous lied lie lies lying crash crashed crashes worse waste wasted stupid"),
    (-2, "insulting insulted sucks suck crap crappy joke stressful anxious scared ashamed shame filthy smelly"),
    (-3, "terrible horrible awful appalling atrocious disgusting disgraceful worst unacceptable dreadful abysmal"),
    (-3, "horrendous nightmare pathetic furious outrageous scam fraud theft robbed abusive inexcusable shambles"),
  ]
}
