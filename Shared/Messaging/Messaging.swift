// Messaging: `Sockets/` owns ZeroMQ, `Calls/` carries gRPC over it, `Events/` carries journals over it.
