"""A client of Groundswell's calls: WIRE.md, "Calls", in a few lines. Needs pyzmq and nothing else."""
import contextlib, itertools, json, os, struct, sys, zmq, zmq.auth

OPEN, MESSAGE, STATUS, CANCEL, CREDIT, HALF_CLOSE = 1, 3, 5, 6, 7, 1

def make_socket(kind):
    """Speaks CURVE where GROUNDSWELL_KEY and GROUNDSWELL_SERVER_KEY name our secret and the service's public key file."""
    socket = zmq.Context.instance().socket(kind)
    if "GROUNDSWELL_KEY" in os.environ:
        socket.curve_publickey, socket.curve_secretkey = zmq.auth.load_certificate(os.environ["GROUNDSWELL_KEY"])
        socket.curve_serverkey, _ = zmq.auth.load_certificate(os.environ["GROUNDSWELL_SERVER_KEY"])
    # A service that refuses our key hangs up for good, and there is nobody left to send to: fail, don't wait.
    socket.sndtimeo, socket.linger = 10_000, 0
    return socket

class Service:
    def __init__(self, endpoint):
        self.socket, self.ids = make_socket(zmq.DEALER), itertools.count(1)
        self.socket.connect(endpoint)

    def record(self, kind, call, body=b"", flags=0):
        return struct.pack("<IBBHQ", len(body), kind, flags, 0, call) + body

    def feed(self, method, request, metadata={}, window=64, seconds=10):
        """Yields the answers; raises RuntimeError on a failure. Credit is returned as answers are taken."""
        call, name, taken, volume = next(self.ids), method.encode(), 0, 0
        entries = "".join(f"{key}:{value}\n" for key, value in metadata.items()).encode()
        opening = struct.pack("<QIIH", int(seconds * 1e6), window, 1 << 20, len(name)) + name + entries
        self.socket.send(self.record(OPEN, call, opening)
                         + self.record(MESSAGE, call, json.dumps(request).encode(), HALF_CLOSE))
        while self.socket.poll(int(seconds * 1000) + 1000):
            frame, at = self.socket.recv(), 0
            while at < len(frame):
                size, kind, _, aux, owner = struct.unpack_from("<IBBHQ", frame, at)
                body, at = frame[at + 16:at + 16 + size], at + 16 + size
                if owner == call and kind == MESSAGE:
                    yield body
                    taken, volume = taken + 1, volume + size
                    if taken * 2 >= window or volume >= 1 << 19:
                        self.socket.send(self.record(CREDIT, call, struct.pack("<II", taken, volume)))
                        taken = volume = 0
                elif owner == call and kind == STATUS:
                    if aux: raise RuntimeError(aux, body[2:2 + struct.unpack_from("<H", body)[0]].decode())
                    return
        # Best effort: a service that has hung up takes nothing.
        with contextlib.suppress(zmq.Again): self.socket.send(self.record(CANCEL, call), zmq.NOBLOCK)
        raise TimeoutError(method)

if __name__ == "__main__":  # call.py ENDPOINT service/Method JSON [key=value …]
    metadata = dict(argument.split("=", 1) for argument in sys.argv[4:])
    for answer in Service(sys.argv[1]).feed(sys.argv[2], json.loads(sys.argv[3]), metadata): print(answer.decode())
