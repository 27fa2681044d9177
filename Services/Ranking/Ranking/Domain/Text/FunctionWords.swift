/// The most frequent words of languages other than English that say nothing about what a text is about: articles,
/// pronouns, prepositions, conjunctions, auxiliaries. Other languages go without; rarity keeps their themes apart, and
/// a title may begin with an article.
package enum FunctionWords {
  /// - Parameter language: a BCP 47 tag.
  package static func of(_ language: String) -> Set<String> {
    let primary = language.prefix { $0 != "-" && $0 != "_" }.lowercased()
    return byLanguage[primary] ?? []
  }

  private static let byLanguage: [String: Set<String>] = [
    "ar": arabic, "de": german, "es": spanish, "fr": french, "it": italian, "nl": dutch, "pl": polish,
    "pt": portuguese,
  ]

  private static func words(_ text: String) -> Set<String> { Set(text.split(separator: " ").map(String.init)) }

  private static let arabic = words(
    """
    في من على إلى الى عن مع هذا هذه ذلك تلك التي الذي الذين ما ماذا لماذا كيف متى أين اين هل لا لم لن ليس أن ان إن أو او \
    ثم كان كانت يكون قد كل بعد قبل عند لدي عندي أنا انا هو هي نحن أنت انت لي له لها بي به بها منذ حتى اذا إذا لو يا غير
    """
  )
  private static let german = words(
    """
    aber alle als also am an auch auf aus bei bin bis bitte da damit dann das dass dem den denn der des die dies diese \
    diesem diesen dieser dieses doch dort du durch ein eine einem einen einer eines er es etwas euch euer für ganz gar \
    hab habe haben hat hatte hatten hier ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im immer in ins ist ja jetzt kann \
    konnte man mein meine meinem meinen meiner mich mir mit mal muss nach noch nun nur ob oder schon sehr seit sein \
    seine sich sie sind so soll über um und uns unser unsere unter vom von vor war waren was wegen weil wenn wer werden \
    wie wieder will wir wird worden wurde wurden zu zum zur
    """
  )
  private static let spanish = words(
    """
    a al algo así aún como con cuando de del desde donde dos el ella ellos en era eran es esa ese eso esta está están \
    estaba este esto estoy fue fueron ha había hace han hasta hay he la las le les lo los más me mi mis mucho muy nos \
    nosotros o para pero por porque pues que qué quien se sea ser si sí sido sin sobre son soy su sus también tan te \
    tengo tiene todo todos tu un una uno unos unas usted ustedes y ya yo
    """
  )
  private static let french = words(
    """
    a à ai alors après au aussi autre aux avait avant avec avez avoir avons bien ce ceci cela ces cet cette chez comme \
    d dans de depuis des dès deux donc dont du elle elles en encore entre es est et étaient était été être eu fait fois \
    ici il ils j je jusqu l la là le les leur leurs lors lui m ma mais me même mes moi mon n ne nos notre nous on ont ou \
    où par parce peu peut plus pour pourquoi qu quand que quel quelle qui quoi s sa sans se sera ses si son sont sous \
    suis sur t ta te tes toi ton toujours tous tout toute très trop tu un une vos votre vous y c ça j'ai c'est d'un \
    d'une qu'il n'est n'ai l'on
    """
  )
  private static let italian = words(
    """
    a ai al alla alle allo anche ancora avere aveva c che chi ci come con cosa cui da dal dalla dei del della delle \
    dello di dopo dove e è ed era erano essere fa gli ha hanno ho i il in io la le lei li lo loro lui ma me mi mia mio \
    molto nei nel nella noi o per perché più poi può quando quella quello questa questo qui se sempre sei senza si sia \
    siamo sono sta stata stato su sua sul sulla suo te ti tra tu tutti tutto un una uno vi voi
    """
  )
  private static let dutch = words(
    """
    aan al alles als altijd ben bij dan dat de deze die dit doen door dus een en er ga geen had hallo heb hebben heeft \
    heel het hij hoe hun ik in is ja je jij jullie kan kon maar me mee meer men met mij mijn moet na naar niets nog nu of \
    om omdat ons onze ook op over te toch toen tot u uit uw van veel voor waar waarom want waren was wat we wel werd wie \
    wij wil worden ze zei zeer zelf zich zij zijn zo zou
    """
  )
  private static let polish = words(
    """
    a aby ale bardzo bez bo być był była było były by cały co czy dla do gdy gdzie go i ich im ja jak jako je jego jej \
    jest jestem jeszcze jeśli już każdy kiedy kto która które który lub ma mam mi mnie może można mój moja moje na nad \
    nam nas o od on ona one oni oraz po pod ponieważ przed przez przy są się sobie tak także tam te tego tej ten teraz \
    też to tu tylko tym u w we więc wszystko z za ze że
    """
  )
  private static let portuguese = words(
    """
    a ao aos as até com como da das de dela dele depois do dos e é ela elas ele eles em entre era essa esse esta está \
    estão este estou eu foi foram há isso isto já lhe mais mas me mesmo meu meus minha minhas muito na nas nem no nos \
    nós o os ou para pela pelo por porque qual quando que quem se sem ser seu seus só sua suas também te tem tenho \
    ter teu todo todos tu um uma umas uns você vocês vos
    """
  )
}
