#include "CChecksum.h"

// One table, made at load time, for processors without the instruction.
static uint32_t table[256];

__attribute__((constructor)) static void make_table(void) {
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t c = i;
    for (int bit = 0; bit < 8; bit++) c = (c >> 1) ^ (0x82F63B78u & (0u - (c & 1)));
    table[i] = c;
  }
}

static uint32_t portable(uint32_t c, const uint8_t *p, size_t n) {
  while (n--) c = (c >> 8) ^ table[(c ^ *p++) & 0xFF];
  return c;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t accelerated(uint32_t c, const uint8_t *p, size_t n) {
  uint64_t wide = c;
  for (; n >= 8; p += 8, n -= 8) {
    uint64_t word;
    __builtin_memcpy(&word, p, 8);
    wide = __builtin_ia32_crc32di(wide, word);
  }
  c = (uint32_t)wide;
  while (n--) c = __builtin_ia32_crc32qi(c, *p++);
  return c;
}
#endif

uint32_t groundswell_crc32c(uint32_t seed, const void *bytes, size_t count) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return ~accelerated(~seed, bytes, count);
#endif
  return ~portable(~seed, bytes, count);
}
