/// Words that say nothing about what a text is about.
package enum EnglishWords {
  /// Left out altogether: function words, pleasantries, and "nothing to say".
  package static let stop = Set(
    """
    a about above after again against ago all almost along already also although always am among an and another any \
    anybody anyone anything anyway are around as ask asked at away b be became because become been before being below \
    between both but by c came can come comes coming could d day days did do does doing done during e each either else \
    enough etc even ever every everybody everyone everything f far few first for from further g gave get gets getting \
    give given gives giving go goes going gone gonna got gotta gotten h had half happen happened has have having he \
    hello her here hers herself hey hi him himself his how however i id if ill im in indeed instead into is it its \
    itself ive j just k keep keeps kept kind know l last later least less let lets like likely little ll lol look \
    looking lot lots m made make makes making many may maybe me mean might mine more most much must my myself n na \
    near nearly need needed needs neither next nobody none nor nothing now o of often oh ok okay omg once one ones \
    only onto or other others ought our ours ourselves own p per perhaps please pls plz possible put quite r rather re \
    really right s said same saw say saying says see seem seems seen sent set several shall she should since so some \
    somebody someone something sometimes somewhat soon still such sure t take taken takes taking tell than thank \
    thanks thanx that thats the their theirs them themselves then there theres therefore these they theyre thing \
    things think this those though thought through thru thus thx till time times to today together told tomorrow \
    tonight too took toward towards tried tries try trying two u um under until upon ur us use used using usually v ve \
    very via w want wanted wants was way we week weeks well went were weve what whatever whats when whenever where \
    wherever whether which while who whoever whole whom whose why will with within would wow x y ya yeah year years \
    yep yes yesterday yet you youre your yours yourself youve z don didn doesn isn wasn weren won couldn wouldn \
    shouldn hasn haven hadn ain aren answer guys guy hour hours hr hrs minute minutes min mins fine
    """.split(separator: " ").map(String.init)
  )

  /// They mean something only beside another word: *on hold*, *hung up*, *great crew*. Praise and blame are among
  /// them, because they say how something was and not what.
  package static let particles = Set(
    """
    back down off on out over up amazing awesome awful bad best better excellent fantastic glad good great happy \
    horrible love loved nice pathetic poor ridiculous terrible unacceptable wonderful worse worst help helped helpful \
    helping
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
