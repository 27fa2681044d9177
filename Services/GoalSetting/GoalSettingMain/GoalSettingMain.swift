import GoalSetting
import ServiceRuntime

@main
enum GoalSettingMain {
  static func main() async {
    await ServiceRuntime.run(GoalSetting.definition)
  }
}
