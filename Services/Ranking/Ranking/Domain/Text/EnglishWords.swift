/// Words that say nothing about what a text is about.
package enum EnglishWords {
  /// Left out altogether: function words, pleasantries, "nothing to say", and how sure or how much somebody feels it.
  package static let stop = Set(
    """
    a about above absolutely actually after again against ago ain all almost along already also although always am \
    among an and another answer any anybody anyone anything anyway apparently are aren around as ask asked at away b \
    basically be became because become been before being believe below between both but by c came can certainly come \
    comes coming completely could couldn currently d day days definitely did didn do does doesn doing don done \
    during e each either else enough entirely especially etc even eventually ever every everybody everyone \
    everything exactly extremely f far feel feeling feels felt few finally find finding fine first for found from \
    fully further g gave generally get gets getting give given gives giving go goes going gone gonna got gotta \
    gotten guess guy guys h had hadn half happen happened has hasn have haven having he hello her here hers herself \
    hey hi him himself his honestly hope hoped hopefully hopes hoping hour hours how however hr hrs i id if ill im \
    in indeed instead into is isn it its itself ive j just k keep keeps kept kind know l last later least less let \
    lets like likely literally little ll lol look looking lot lots m made make makes making many may maybe me mean \
    might min mine mins minute minutes more most mostly much must my myself n na near nearly need needed needs \
    neither next nobody none nor nothing now o obviously of often oh ok okay omg once one ones only onto or other \
    others otherwise ought our ours ourselves overall own p particularly per perhaps please pls plz possible \
    possibly previously probably put quite r rather re really recently right s said same saw say saying says see \
    seem seems seen sent seriously set several shall she should shouldn simply since so some somebody someone \
    something sometimes somewhat soon still such suppose supposed sure t take taken takes taking tell than thank \
    thanks thanx that thats the their theirs them themselves then there therefore theres these they theyre thing \
    things think this those though thought through thru thus thx till time times to today together told tomorrow \
    tonight too took totally toward towards tried tries truly try trying two u um under unfortunately until upon ur \
    us use used using usually v ve very via w want wanted wants was wasn way we week weeks well went were weren weve \
    what whatever whats when whenever where wherever whether which while who whoever whole whom whose why will wish \
    with within won wonder wondering would wouldn wow x y ya yeah year years yep yes yesterday yet you your youre \
    yours yourself youve z
    """.split(separator: " ").map(String.init)
  )

  /// They mean something only beside another word: *on hold*, *hung up*, *great crew*. Praise and blame are among
  /// them, because they say how something was and not what.
  package static let particles = Set(
    """
    back down off on out over up amazing appreciate appreciated appreciates awesome awful bad best better brilliant \
    disappointed disappointing disappointment excellent exceptional fabulous fantastic faultless glad good grateful \
    great happy hate hated help helped helpful helping horrible impressed impressive love loved lovely nice \
    outstanding pathetic perfect perfectly pleased poor ridiculous satisfied suck sucked sucks superb terrible \
    thankful unacceptable wonderful worse worst
    """.split(separator: " ").map(String.init)
  )

  /// What turns the next word round. All count as one: *can't connect* and *not connecting* say the same.
  package static let negations = Set(
    """
    no not never cannot can't cant won't wont don't dont didn't didnt doesn't doesnt isn't isnt wasn't wasnt weren't \
    aren't arent couldn't couldnt wouldn't wouldnt shouldn't hasn't hasnt haven't havent hadn't without unable
    """.split(separator: " ").map(String.init)
  )
}
