import Ranking
import ServiceRuntime

@main
struct RankingMain {
  static func main() async {
    await ServiceRuntime.run(Ranking.definition)
  }
}
