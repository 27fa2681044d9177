#pragma once
#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78; RFC 3720 appendix B.4) of `count` bytes.
/// `seed` is the checksum of what came before, 0 at the start.
uint32_t groundswell_crc32c(uint32_t seed, const void *bytes, size_t count);
