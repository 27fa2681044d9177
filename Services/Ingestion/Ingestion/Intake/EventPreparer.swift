package import Contracts
import Foundation
import Records

/// Does all the work on an event that needs neither the writer nor the disk, several events at a time.
package struct EventPreparer: Sendable {
  private let key: ReferenceKey
  private let directory: DirectorySnapshot
  private let receivedAt: Timestamp
  private let trace: TraceContext?

  /// - Parameter trace: of the request, for events that carry none of their own.
  package init(key: ReferenceKey, directory: DirectorySnapshot, receivedAt: Timestamp, trace: TraceContext? = nil) {
    self.key = key
    self.directory = directory
    self.receivedAt = receivedAt
    self.trace = trace
  }

  package typealias Outcome = Result<PreparedEvent, Refusal>

  /// Fewer than this many events are not worth another task.
  private static let leastPerTask = 16

  /// Prepares events in parallel; the outcomes are in the order of the events.
  package func prepare(_ events: [ArrivedEvent]) async -> [Outcome] {
    let processors = ProcessInfo.processInfo.activeProcessorCount
    let size = max(EventPreparer.leastPerTask, (events.count + processors - 1) / processors)
    guard events.count > size else { return prepareInOrder(events[...]) }
    return await withTaskGroup(of: (Int, [Outcome]).self) { group in
      for start in stride(from: 0, to: events.count, by: size) {
        group.addTask { (start, prepareInOrder(events[start..<min(start + size, events.count)])) }
      }
      var parts: [Int: [Outcome]] = [:]
      for await (start, outcomes) in group { parts[start] = outcomes }
      return parts.sorted { $0.key < $1.key }.flatMap(\.value)
    }
  }

  private func prepareInOrder(_ events: ArraySlice<ArrivedEvent>) -> [Outcome] {
    let encoder = EventEncoder()
    return events.map { event in
      do throws(Refusal) {
        return .success(try prepare(event, encoder))
      } catch {
        return .failure(error)
      }
    }
  }

  private func prepare(_ arrived: ArrivedEvent, _ encoder: EventEncoder) throws(Refusal) -> PreparedEvent {
    let (event, raw) = try read(arrived)
    do {
      let content = try IntakeContent(of: event, receivedAt: receivedAt)
      let programme = try directory.programme(content.programme)
      if let team = content.team { try directory.requireTeam(team, in: programme.id) }
      return switch content {
      case .feedback(let submission): .feedback(try feedback(submission, event, raw, programme, encoder))
      case .withdrawal(let withdrawal):
        .withdrawal(
          PreparedWithdrawal(
            target: EventIdentity.id(source: event.source, id: withdrawal.sourceRecordID),
            withdrawal: withdrawal,
            trace: event.trace ?? trace
          )
        )
      case .observation(let observation): .observation(try prepare(observation, event, encoder))
      case .interactions(let count): .interactions(try prepare(count, event, encoder))
      }
    } catch let fault as Fault {
      throw Refusal(kind: JSONReader.reasons.contains(fault.reason) ? .malformed : .unacceptable, fault: fault)
    } catch {
      // Encoding fails for numbers that are not finite only, and those were refused before.
      throw Refusal(kind: .unacceptable, fault: Fault(.internal, reason: "notEncodable", "\(error)"))
    }
  }

  private func read(_ arrived: ArrivedEvent) throws(Refusal) -> (CloudEvent, raw: [UInt8]) {
    do {
      switch arrived {
      case .json(let json, let bytes): return (try CloudEvent(json: json), try bytes ?? EventPreparer.bytes(of: json))
      case .event(let event): return (event, try EventPreparer.bytes(of: event.json))
      }
    } catch let fault as Fault {
      throw Refusal(kind: .malformed, fault: fault)
    } catch {
      throw Refusal(kind: .malformed, fault: Fault(.internal, reason: "notEncodable", "\(error)"))
    }
  }

  /// Where an event's own bytes aren't at hand it is kept with its members sorted: equal events have equal bytes.
  private static func bytes(of json: JSONValue) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(json))
  }
}

extension EventPreparer {
  private func feedback(
    _ submission: FeedbackSubmission,
    _ event: CloudEvent,
    _ raw: [UInt8],
    _ programme: KnownProgramme,
    _ encoder: EventEncoder
  ) throws -> PreparedFeedback {
    let feedback = Feedback(
      submission,
      CanonicalContext(
        id: EventIdentity.id(source: event.source, id: event.id),
        source: event.source,
        sourceRecordID: event.id,
        eventTime: event.time,
        receivedAt: receivedAt,
        customer: submission.customer.map { key.customer($0, programme: programme.id) },
        rawHash: EventIdentity.rawHash(raw),
        defaultLanguage: programme.defaultLanguage
      )
    )
    return PreparedFeedback(
      id: feedback.id,
      programme: feedback.programme,
      team: feedback.team,
      channel: feedback.channel.rawValue,
      revision: feedback.revision,
      receivedAt: receivedAt,
      occurredOn: programme.day(of: feedback.occurredAt),
      receivedOn: programme.day(of: receivedAt),
      interaction: feedback.interactionID.map { key.interaction($0, programme: programme.id) },
      body: Array(try encoder.body(of: FeedbackRecorded(feedback: feedback))),
      scores: try submission.scores(of: feedback).map { Array(try encoder.body(of: $0)) },
      raw: try kept(raw, event, customer: feedback.customer),
      trace: event.trace ?? trace
    )
  }

  /// What is kept of an event: its own bytes, unless it refers to a customer. Then the reference's hash takes its place,
  /// so that reading the payload again comes to the same customer without anyone having kept who that is.
  private func kept(_ raw: [UInt8], _ event: CloudEvent, customer: ID<Customer>?) throws -> [UInt8] {
    guard let customer, case .object(var data) = try event.jsonData() else { return raw }
    data["customer"] = nil
    data["customerHash"] = .string(customer.rawValue)
    var cleaned = event
    cleaned.payload = .json(.object(data))
    return try EventPreparer.bytes(of: cleaned.json)
  }

  private func prepare(
    _ observation: Observation,
    _ event: CloudEvent,
    _ encoder: EventEncoder
  ) throws -> PreparedObservation {
    let recorded = ObservationRecorded(
      id: EventIdentity.id(source: event.source, id: event.id),
      observation: observation
    )
    return PreparedObservation(
      event: recorded,
      body: Array(try encoder.body(of: recorded)),
      trace: event.trace ?? trace
    )
  }

  private func prepare(
    _ count: InteractionCount,
    _ event: CloudEvent,
    _ encoder: EventEncoder
  ) throws -> PreparedInteractions {
    let counted = InteractionsCounted(
      programme: count.programme,
      channel: count.channel,
      team: count.team,
      day: count.day,
      count: count.count
    )
    return PreparedInteractions(
      id: EventIdentity.id(source: event.source, id: event.id),
      source: event.source,
      event: counted,
      day: try CalendarDay(wellFormed: count.day),
      body: Array(try encoder.body(of: counted)),
      trace: event.trace ?? trace
    )
  }
}

extension CalendarDay {
  fileprivate init(wellFormed text: String) throws(Fault) {
    guard let day = CalendarDay(text) else {
      throw Fault(.invalidArgument, reason: "invalidDay", "'\(text)' is not a day.", field: "data.day")
    }
    self = day
  }
}
