// What Swift needs of C to own 0MQ sockets: libzmq itself, and eventfd, which glibc's Swift module leaves out.
#pragma once
#include <sys/eventfd.h>
#include <zmq.h>
