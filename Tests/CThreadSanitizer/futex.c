// Tells ThreadSanitizer of the locks that it can't see.
//
// Swift's Mutex (Synchronization, on Linux) takes and releases a free lock by an atomic exchange that is compiled into
// whoever uses it: ThreadSanitizer sees that. A lock that is held is waited for in the kernel (futex(2), FUTEX_LOCK_PI and
// FUTEX_UNLOCK_PI), from libswiftSynchronization, which is not instrumented: its three slow paths call `syscall` and
// nothing else (`objdump -d libswiftSynchronization.so`). The kernel hands the lock over then, so that every pair of
// threads that ever met at a lock would be reported as a race. Silencing what happens under a Mutex would silence the
// true races there as well. So the call is intercepted instead, and what it means is said: who got the lock has seen all
// that happened before it was given up. Nothing is suppressed.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)

#define _GNU_SOURCE
#include <dlfcn.h>
#include <linux/futex.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/syscall.h>

void __tsan_acquire(void *address);
void __tsan_release(void *address);

typedef long (*system_call)(long, ...);

__attribute__((visibility("default"))) long syscall(long number, ...) {
  static system_call next;
  system_call call = __atomic_load_n(&next, __ATOMIC_RELAXED);
  if (!call) {
    call = (system_call)dlsym(RTLD_NEXT, "syscall");
    if (!call) abort();
    __atomic_store_n(&next, call, __ATOMIC_RELAXED);
  }
  va_list list;
  va_start(list, number);
  long arguments[6];
  // No system call has more arguments; those that aren't there are read and passed on, as the C library does.
  for (int index = 0; index < 6; index++) arguments[index] = va_arg(list, long);
  va_end(list);

  int operation = number == SYS_futex ? (int)arguments[1] & FUTEX_CMD_MASK : -1;
  void *lock = (void *)arguments[0];
  if (operation == FUTEX_UNLOCK_PI) __tsan_release(lock);
  long result =
      call(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
  if (result == 0 && (operation == FUTEX_LOCK_PI || operation == FUTEX_TRYLOCK_PI)) __tsan_acquire(lock);
  return result;
}

#endif
#endif
