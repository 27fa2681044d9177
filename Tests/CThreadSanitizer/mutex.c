// Tells ThreadSanitizer of the locks that it can't see.
//
// Swift's Mutex (Synchronization, on Linux) takes and releases a free lock by an atomic exchange that is compiled into
// whoever uses it: ThreadSanitizer sees that. A lock that is held is waited for in libswiftSynchronization, which isn't
// instrumented: `_MutexHandle._lockSlow` spins on the lock and then asks the kernel (futex(2), FUTEX_LOCK_PI), and
// `_unlockSlow` has the kernel hand it over (`objdump -d libswiftSynchronization.so` shows both). So any two threads
// that ever met at a lock would be reported as racing. Silencing what happens under a Mutex would silence the true races
// there as well. Instead these three functions are stood in for here, and what they mean is said: who got the lock has
// seen all that happened before it was given up. Nothing is suppressed.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

void __tsan_acquire(void *address);
void __tsan_release(void *address);

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

SWIFT void mutex_lock(uint32_t thread, SELF lock) __asm__(LOCK);
SWIFT bool mutex_try_lock(SELF lock) __asm__(TRY_LOCK);
SWIFT void mutex_unlock(SELF lock) __asm__(UNLOCK);

// The library's own function of that name.
static void *original(const char *name) {
  void *function = dlsym(RTLD_NEXT, name);
  if (!function) abort();
  return function;
}

SWIFT void mutex_lock(uint32_t thread, SELF lock) {
  typedef SWIFT void (*function)(uint32_t, SELF);
  ((function)original(LOCK))(thread, lock);
  __tsan_acquire(lock);
}

SWIFT bool mutex_try_lock(SELF lock) {
  typedef SWIFT bool (*function)(SELF);
  bool is_taken = ((function)original(TRY_LOCK))(lock);
  if (is_taken) __tsan_acquire(lock);
  return is_taken;
}

SWIFT void mutex_unlock(SELF lock) {
  typedef SWIFT void (*function)(SELF);
  __tsan_release(lock);
  ((function)original(UNLOCK))(lock);
}

#endif
#endif
