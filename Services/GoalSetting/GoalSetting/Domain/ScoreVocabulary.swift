/// What may never be a target: figures that customers or inspectors give, and how long things take.
package enum ForbiddenTarget: String, Sendable, CaseIterable {
  case nps = "NPS"
  case csat = "CSAT"
  case ces = "CES"
  case stars = "star rating"
  case qaScore = "QA score"
  case handleTime = "handle time"
  case sentiment
}

/// How people write forbidden targets, in the languages that a deployment knows.
///
/// A spelling is matched on letters alone, so one entry stands for every punctuation, accent, width and case.
/// `*` before or after it lets a word go on there (`*kundenzufriedenheit*` is also found in compounds); `?` before it
/// marks an acronym that is an everyday word too (`ces` is French for *these*), which counts only in capitals or
/// spelt out with dots.
package struct ScoreVocabulary: Sendable {
  package var spellings: [ForbiddenTarget: [String]]

  package init(spellings: [ForbiddenTarget: [String]]) {
    self.spellings = spellings
  }

  /// The vocabulary with a deployment's own words for scores in general.
  package func adding(_ words: [String]) -> ScoreVocabulary {
    var extended = self
    extended.spellings[.csat, default: []] += words
    return extended
  }

  /// English, German, French, Spanish, Portuguese, Italian, Dutch, Nordic languages, Polish, Czech, Turkish, Russian,
  /// Ukrainian, Arabic, Hebrew, Hindi, Chinese, Japanese and Korean.
  package static let standard = ScoreVocabulary(spellings: [
    .nps: [
      "nps", "enps", "rnps", "tnps", "net promoter*", "promoter score", "promotor score", "net promotor*",
      "likelihood to recommend", "willingness to recommend", "recommendation rate", "recommendation score",
      "*weiterempfehlungsrate*", "*weiterempfehlungsquote*", "*weiterempfehlungsbereitschaft*", "*promotorenwert*",
      "*promotorenuberhang*", "taux de recommandation", "score de recommandation", "tasa de recomendacion",
      "indice de recomendacion", "taxa de recomendacao", "indice de recomendacao", "tasso di raccomandazione",
      "*aanbevelingsscore*", "*rekommendationsgrad*", "*anbefalingsgrad*", "*suositteluindeksi*",
      "wskaznik rekomendacji", "mira doporuceni", "net tavsiye skoru", "tavsiye skoru", "индекс лояльности",
      "индекс потребительской лояльности", "готовность рекомендовать", "індекс лояльності", "صافي نقاط الترويج",
      "净推荐值", "淨推薦值", "推奨度", "推奨者スコア", "순추천고객지수", "순추천지수",
    ],
    .csat: [
      "csat", "csi score", "customer satisfaction", "client satisfaction", "guest satisfaction",
      "patient satisfaction", "satisfaction score", "satisfaction rate", "satisfaction rating", "satisfaction index",
      "satisfaction level", "survey score", "survey rating", "top box", "top 2 box",
      "*kundenzufriedenheit*", "*zufriedenheitswert*", "*zufriedenheitsrate*", "*zufriedenheitsindex*",
      "*zufriedenheitsquote*", "satisfaction client*", "satisfaction des clients", "satisfaction de la clientele",
      "taux de satisfaction", "indice de satisfaction", "satisfaccion del cliente", "satisfaccion de los clientes",
      "satisfaccion de clientes", "satisfaccion cliente", "indice de satisfaccion", "satisfacao do cliente",
      "satisfacao dos clientes", "satisfacao de clientes", "indice de satisfacao", "soddisfazione del cliente",
      "soddisfazione dei clienti", "soddisfazione clienti", "customer satisfactie", "*klanttevredenheid*",
      "*kundnojdhet*", "*kundetilfredshed*", "*kundetilfredshet*", "*asiakastyytyvaisyy*", "satysfakcja klient*",
      "satysfakcji klient*", "zadowolenie klient*", "zadowolenia klient*", "spokojenost zakaznik*",
      "spokojenosti zakaznik*", "musteri memnuniyet*", "удовлетворенность клиент*", "удовлетворенности клиент*",
      "удовлетворённость клиент*", "задоволеність клієнт*", "задоволеності клієнт*", "رضا العملاء", "رضا الزبائن",
      "שביעות רצון", "ग्राहक संतुष्टि", "客户满意", "客戶滿意", "顾客满意", "顧客満足", "満足度", "满意度",
      "滿意度", "고객만족", "고객 만족",
    ],
    .ces: [
      "?ces", "ces score", "ces value", "customer effort score", "effort score", "effort rating",
      "*kundenaufwandswert*", "score d effort", "score effort client", "puntuacion de esfuerzo",
      "pontuacao de esforco", "punteggio di sforzo", "*inspanningsscore*", "индекс усилий клиент*", "客户费力度",
      "顧客努力指標", "고객 노력 지수",
    ],
    .stars: [
      "star rating", "star average", "average stars", "average rating", "5 star review", "five star review",
      "5 star rating", "five star rating", "*sternebewertung*", "*sternebewertungen*", "note moyenne",
      "note google", "puntuacion media", "calificacion media", "avaliacao media", "valutazione media",
    ],
    .qaScore: [
      "qa score", "qa rating", "qa result", "qa percentage", "qa points", "qm score", "quality score",
      "quality assurance score", "quality monitoring score", "call quality score", "call score", "scorecard result",
      "*qualitatsscore*", "*qualitatspunkte*", "qs score", "*qualitatsnote*", "score qualite", "note qualite",
      "puntuacion de calidad", "nota de calidad", "nota de qualidade", "pontuacao de qualidade",
      "punteggio di qualita", "*kwaliteitsscore*", "*kvalitetspoang*", "ocena jakosci", "kalite puani",
      "оценка качества", "质检分", "质检得分", "品質スコア", "품질 점수",
    ],
    .handleTime: [
      "aht", "handle time", "handling time", "average call duration", "average talk time", "call length",
      "average call time", "*bearbeitungszeit*", "*gesprachszeit*", "*gesprachsdauer*", "*bearbeitungsdauer*",
      "duree moyenne de traitement", "temps moyen de traitement", "temps de traitement", "?dmt", "?tmo", "?tma",
      "tiempo medio de operacion", "tiempo medio de gestion", "tiempo de manejo", "tiempo de gestion",
      "tempo medio de atendimento", "tempo de atendimento", "tempo medio di gestione", "*gemiddelde afhandeltijd*",
      "*afhandeltijd*", "*hanteringstid*", "*handteringstid*", "*behandlingstid*", "*kasittelyaika*",
      "sredni czas obslugi", "czas obslugi", "prumerna doba vyrizeni", "ortalama gorusme suresi", "islem suresi",
      "среднее время обработки", "время обработки", "середній час обробки", "متوسط وقت المعالجة", "平均处理时间",
      "平均处理时长", "平均處理時間", "平均処理時間", "처리 시간",
    ],
    .sentiment: [
      "sentiment", "sentiments", "sentiment score", "*kundenstimmung*", "*stimmungswert*", "*stimmungsindex*",
      "*sentimentwert*", "sentimiento del cliente", "sentimento do cliente", "*asiakastunnelma*",
      "тональность", "情感得分", "情感分数", "感情スコア", "감성 점수",
    ],
  ])
}
