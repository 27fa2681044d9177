import Contracts
import ServiceRuntime

/// What LoopClosure answers.
enum LoopClosureCalls {
  static func answer(_ books: LoopBooks, _ calls: inout CallTable) {
    answerInnerLoop(books, &calls)
    answerOuterLoop(books, &calls)
    answerIdeas(books, &calls)
    answerTests(books, &calls)
    answerGraves(books.graves, &calls)
    answerMeetings(books.huddles, &calls)
  }

  private static func answerInnerLoop(_ books: LoopBooks, _ calls: inout CallTable) {
    let cases = books.cases
    calls.query(LoopClosureAPI.cases) { input, context in try await context.read { try cases.cases(input, $0) } }
    calls.command(LoopClosureAPI.openCase) { input, _, transaction in try cases.open(input, transaction) }
    calls.command(LoopClosureAPI.advanceCase) { input, context, transaction in
      try cases.advance(input, actor: context.principal, transaction)
    }
    calls.command(LoopClosureAPI.mergeCases) { input, context, transaction in
      try cases.merge(input, actor: context.principal, transaction)
    }
  }

  private static func answerOuterLoop(_ books: LoopBooks, _ calls: inout CallTable) {
    let outerLoop = books.outerLoop
    let receipts = books.receipts
    let notices = books.notices
    calls.query(LoopClosureAPI.outerItems) { input, context in
      try await context.read { try outerLoop.items(input, at: context.time, $0) }
    }
    calls.command(LoopClosureAPI.escalate) { input, _, transaction in try outerLoop.escalate(input, transaction) }
    calls.command(LoopClosureAPI.decide) { input, context, transaction in
      try outerLoop.decide(input, actor: context.principal, transaction)
    }
    calls.command(LoopClosureAPI.giveReceipt) { input, context, transaction in
      try receipts.give(input, actor: context.principal, transaction)
    }
    calls.query(LoopClosureAPI.closures) { input, context in
      try await context.read { try outerLoop.closures(input, at: context.time, $0) }
    }
    calls.query(LoopClosureAPI.notices) { input, context in
      try await context.read { try notices.notices(input, $0) }
    }
    calls.command(LoopClosureAPI.setNotices) { input, _, transaction in try notices.setNotices(input, transaction) }
  }

  private static func answerIdeas(_ books: LoopBooks, _ calls: inout CallTable) {
    let ideas = books.ideas
    let adoption = books.adoption
    calls.query(LoopClosureAPI.ideas) { input, context in try await context.read { try ideas.ideas(input, $0) } }
    calls.command(LoopClosureAPI.submitIdea) { input, context, transaction in
      try ideas.submit(input, actor: context.principal, transaction)
    }
    calls.command(LoopClosureAPI.advanceIdea) { input, context, transaction in
      try ideas.advance(input, actor: context.principal, transaction)
    }
    calls.command(LoopClosureAPI.mergeIdeas) { input, context, transaction in
      try ideas.merge(input, actor: context.principal, transaction)
    }
    calls.command(LoopClosureAPI.supportIdea) { input, _, transaction in try ideas.support(input, transaction) }
    calls.query(LoopClosureAPI.adoption) { input, context in
      try await context.read { try adoption.reports(input, $0) }
    }
    calls.command(LoopClosureAPI.changeAdoption) { input, context, transaction in
      try adoption.change(input, actor: context.principal, transaction)
    }
  }

  private static func answerTests(_ books: LoopBooks, _ calls: inout CallTable) {
    let experiments = books.experiments
    calls.query(LoopClosureAPI.experiments) { input, context in
      try await context.read { try experiments.experiments(input, $0) }
    }
    calls.command(LoopClosureAPI.startExperiment) { input, context, transaction in
      try experiments.start(input, actor: context.principal, transaction)
    }
    calls.command(LoopClosureAPI.concludeExperiment) { input, context, transaction in
      try experiments.conclude(input, actor: context.principal, transaction)
    }
    calls.command(LoopClosureAPI.stopExperiment) { input, context, transaction in
      try experiments.stop(input, actor: context.principal, transaction)
    }
    calls.query(LoopClosureAPI.licence) { input, context in
      try await context.read { try experiments.licence(input, at: context.time, $0) }
    }
  }

  private static func answerGraves(_ graves: GraveBook, _ calls: inout CallTable) {
    calls.query(LoopClosureAPI.graveyard) { input, context in try await context.read { try graves.graves(input, $0) } }
    calls.command(LoopClosureAPI.digGrave) { input, _, transaction in try graves.dig(input, transaction) }
    calls.command(LoopClosureAPI.visitGrave) { input, context, transaction in
      try graves.visit(input, actor: context.principal, transaction)
    }
  }

  private static func answerMeetings(_ huddles: HuddleBook, _ calls: inout CallTable) {
    calls.query(LoopClosureAPI.agenda) { input, context in
      try await context.read { try huddles.agenda(input, at: context.time, $0) }
    }
    calls.command(LoopClosureAPI.holdHuddle) { input, _, transaction in try huddles.hold(input, transaction) }
    calls.command(LoopClosureAPI.recordCoaching) { input, context, transaction in
      try huddles.record(input, actor: context.principal, transaction)
    }
    calls.query(LoopClosureAPI.digest) { input, context in
      try await context.read { try huddles.digest(input, at: context.time, $0) }
    }
  }
}
