// What Swift needs of C to own 0MQ sockets: libzmq itself, and what glibc's Swift module leaves out.
#pragma once
#include <malloc.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <zmq.h>

// zmq.h of 4.3 lists it among its drafts, though every build of the library knows it.
#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif

// Names the calling thread (15 characters) for top, gdb and perf; variadic prctl can't be called from Swift.
static inline void groundswell_name_thread(const char *name) {
  prctl(PR_SET_NAME, name, 0, 0, 0);
}
