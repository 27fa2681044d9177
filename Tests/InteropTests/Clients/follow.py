"""Follows a stream of events from a position: WIRE.md, "Events". Needs pyzmq and nothing else. Prints CloudEvents.
follow.py EVENTS CALLS STREAM AFTER [TYPE-PREFIX [COUNT]], e.g. tcp://127.0.0.1:7420 tcp://127.0.0.1:7421 ranking 0"""
import itertools, json, struct, sys, zmq
from datetime import datetime, timezone
from call import Service, make_socket
HEADER, RECORD = struct.Struct("<24sBBHIQQHHIq32s32s"), struct.Struct("<IIQqHHBBBB")

class Follower:
    def __init__(self, events, calls, stream, after=0, instance=0):
        self.stream, self.instance, self.position, self.chain = stream, instance, after, None
        self.journal, self.live = Service(calls), make_socket(zmq.SUB)
        self.live.connect(events)
        self.live.subscribe(stream.encode().ljust(24, b"\0"))

    def follow(self):
        """Yields events for ever, each once and in order; raises RuntimeError for another history."""
        yield from self.pull()
        while True:
            if not self.live.poll(3500):  # heads are announced each second: the feed is broken, the journal may not be
                yield from self.pull()
                continue
            frame = self.live.recv()
            _, kind, _, instance, _, _, first, count, *_, chain = HEADER.unpack_from(frame)
            if instance != self.instance: continue
            if kind == 1 and first <= self.position + 1: yield from self.take(frame)
            elif kind == 1 or first != self.position or chain != (self.chain or chain): yield from self.pull()

    def pull(self):
        place = {"stream": self.stream, "instance": self.instance, "after": str(self.position)}
        if self.chain: place["chain"] = self.chain.hex()
        principal = {"principal": json.dumps({"name": "follow.py", "role": "program"})}
        try:
            for frame in self.journal.feed("journal.v1/Read", place, principal, seconds=60):
                if frame[24] == 1: yield from self.take(frame)
        except RuntimeError as error:  # 4 DEADLINE_EXCEEDED, 14 UNAVAILABLE: go on later from here
            if error.args[0] not in (4, 14): raise

    def take(self, frame):
        _, _, _, _, _, epoch, first, count, *_, before, chain = HEADER.unpack_from(frame)
        if first + count - 1 <= self.position: return
        if self.chain and self.chain != before: raise RuntimeError(9, f"another history after {self.position}")
        at = 128
        for position in range(first, first + count):
            size, _, sequence, time, _, version, *lengths, flags = RECORD.unpack_from(frame, at)
            start, texts = at + 32 + (26 if flags & 1 else 0), []
            for length in lengths: start, texts = start + length, texts + [frame[start:start + length].decode()]
            body, at = frame[start:at + size], at + size
            if position > self.position: yield {
                "specversion": "1.0", "id": f"{epoch}.{position}", "type": texts[0], "datacontenttype": "application/json",
                "source": f"/groundswell/{self.stream}/{self.instance}", "subject": texts[2], "partitionkey": texts[1],
                "time": datetime.fromtimestamp(time / 1000, timezone.utc).isoformat(timespec="milliseconds"),
                "sequence": f"{sequence:020}", "sequencetype": "PartitionSequence", "schemaversion": version,
                **({} if flags & 2 else {"data": json.loads(body)})}
        self.position, self.chain = first + count - 1, chain

if __name__ == "__main__":
    prefix, count = (sys.argv[5:] + [""])[0], int(sys.argv[6]) if sys.argv[6:] else None
    events = Follower(*sys.argv[1:4], int(sys.argv[4])).follow()
    wanted = (event for event in events if event["type"].startswith(prefix))
    for event in itertools.islice(wanted, count): print(json.dumps(event), flush=True)
