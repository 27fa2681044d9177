// An open file of a disk: reading, writing, locks, and the memory that a write-ahead log's readers share.
#include <stdlib.h>
#include <string.h>

#include "disk.h"

static open_file *locked(sqlite3_file *base) {
  open_file *file = (open_file *)base;
  pthread_mutex_lock(&file->disk->mutex);
  return file;
}

static int unlocked(open_file *file, int code) {
  pthread_mutex_unlock(&file->disk->mutex);
  return code;
}

// MARK: Content

static int file_read(sqlite3_file *base, void *bytes, int count, sqlite3_int64 offset) {
  open_file *file = locked(base);
  extent *extent = &file->node->current;
  if (file->node->is_dead) return unlocked(file, SQLITE_IOERR_READ);
  sqlite3_int64 available = extent->size - offset;
  if (available < 0) available = 0;
  int copied = available < count ? (int)available : count;
  if (copied > 0) memcpy(bytes, extent->bytes + offset, (size_t)copied);
  if (copied < count) memset((char *)bytes + copied, 0, (size_t)(count - copied));
  return unlocked(file, copied < count ? SQLITE_IOERR_SHORT_READ : SQLITE_OK);
}

static int file_write(sqlite3_file *base, const void *bytes, int count, sqlite3_int64 offset) {
  open_file *file = locked(base);
  if (file->node->is_dead) return unlocked(file, SQLITE_IOERR_WRITE);
  return unlocked(file, disk_write(file->disk, file->node, bytes, (size_t)count, offset));
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size) {
  open_file *file = locked(base);
  if (file->node->is_dead) return unlocked(file, SQLITE_IOERR_TRUNCATE);
  return unlocked(file, disk_truncate(file->disk, file->node, size));
}

static int file_sync(sqlite3_file *base, int flags) {
  (void)flags;
  open_file *file = locked(base);
  if (file->node->is_dead) return unlocked(file, SQLITE_IOERR_FSYNC);
  return unlocked(file, disk_sync(file->disk, file->node));
}

static int file_size(sqlite3_file *base, sqlite3_int64 *size) {
  open_file *file = locked(base);
  *size = file->node->current.size;
  return unlocked(file, file->node->is_dead ? SQLITE_IOERR_FSTAT : SQLITE_OK);
}

// MARK: Locks on the database

static void unlock_to(open_file *file, int level) {
  inode *node = file->node;
  if (level >= file->level) return;
  if (node->exclusive == file) node->exclusive = NULL;
  if (node->pending == file) node->pending = NULL;
  if (node->reserved == file) node->reserved = NULL;
  if (level == SQLITE_LOCK_NONE && file->level >= SQLITE_LOCK_SHARED) node->shared_count--;
  file->level = level;
}

static int file_lock(sqlite3_file *base, int level) {
  open_file *file = locked(base);
  inode *node = file->node;
  if (level <= file->level) return unlocked(file, SQLITE_OK);
  if (level == SQLITE_LOCK_SHARED) {
    if (node->pending || node->exclusive) return unlocked(file, SQLITE_BUSY);
    node->shared_count++;
  } else if (level == SQLITE_LOCK_RESERVED) {
    if (node->reserved || node->pending) return unlocked(file, SQLITE_BUSY);
    node->reserved = file;
  } else {
    if ((node->pending && node->pending != file) || (node->reserved && node->reserved != file)) {
      return unlocked(file, SQLITE_BUSY);
    }
    node->pending = file;
    file->level = SQLITE_LOCK_PENDING;
    if (node->shared_count > 1) return unlocked(file, SQLITE_BUSY);
    node->exclusive = file;
  }
  file->level = level;
  return unlocked(file, SQLITE_OK);
}

static int file_unlock(sqlite3_file *base, int level) {
  open_file *file = locked(base);
  unlock_to(file, level);
  return unlocked(file, SQLITE_OK);
}

static int file_check_reserved(sqlite3_file *base, int *result) {
  open_file *file = locked(base);
  *result = file->node->reserved != NULL;
  return unlocked(file, SQLITE_OK);
}

// MARK: Shared memory

static int memory_map(sqlite3_file *base, int region, int size, int extends, void volatile **result) {
  open_file *file = locked(base);
  shared_memory *memory = &file->node->memory;
  *result = NULL;
  if (!file->uses_memory) memory->user_count++;
  file->uses_memory = 1;
  if (region >= memory->region_count) {
    if (!extends) return unlocked(file, SQLITE_OK);
    void **regions = realloc(memory->regions, sizeof(void *) * (size_t)(region + 1));
    if (!regions) return unlocked(file, SQLITE_IOERR_NOMEM);
    memory->regions = regions;
    while (memory->region_count <= region) {
      void *bytes = calloc(1, (size_t)size);
      if (!bytes) return unlocked(file, SQLITE_IOERR_NOMEM);
      memory->regions[memory->region_count++] = bytes;
    }
  }
  *result = memory->regions[region];
  return unlocked(file, SQLITE_OK);
}

static void memory_unlock(open_file *file, int slot) {
  shared_memory *memory = &file->node->memory;
  unsigned bit = 1u << slot;
  if (file->shared_mask & bit) memory->shared[slot]--;
  if (file->exclusive_mask & bit) memory->exclusive[slot] = NULL;
  file->shared_mask &= ~bit;
  file->exclusive_mask &= ~bit;
}

static int memory_lock(sqlite3_file *base, int offset, int count, int flags) {
  open_file *file = locked(base);
  shared_memory *memory = &file->node->memory;
  if (flags & SQLITE_SHM_UNLOCK) {
    for (int slot = offset; slot < offset + count; slot++) memory_unlock(file, slot);
    return unlocked(file, SQLITE_OK);
  }
  int is_shared = (flags & SQLITE_SHM_SHARED) != 0;
  for (int slot = offset; slot < offset + count; slot++) {
    int own = (file->shared_mask & (1u << slot)) ? 1 : 0;
    if (memory->exclusive[slot] && memory->exclusive[slot] != file) return unlocked(file, SQLITE_BUSY);
    if (!is_shared && memory->shared[slot] > own) return unlocked(file, SQLITE_BUSY);
  }
  for (int slot = offset; slot < offset + count; slot++) {
    unsigned bit = 1u << slot;
    if (is_shared) {
      if (!(file->shared_mask & bit)) memory->shared[slot]++;
      file->shared_mask |= bit;
    } else {
      memory->exclusive[slot] = file;
      file->exclusive_mask |= bit;
    }
  }
  return unlocked(file, SQLITE_OK);
}

static void memory_barrier(sqlite3_file *base) {
  __sync_synchronize();
  unlocked(locked(base), SQLITE_OK);
}

static void leave_memory(open_file *file) {
  for (int slot = 0; slot < SQLITE_SHM_NLOCK; slot++) memory_unlock(file, slot);
  if (!file->uses_memory) return;
  file->uses_memory = 0;
  // The last one takes it away: whoever comes next makes it anew out of the log, as a new process does.
  if (--file->node->memory.user_count == 0) memory_free(&file->node->memory);
}

static int memory_unmap(sqlite3_file *base, int deletes) {
  (void)deletes;
  open_file *file = locked(base);
  leave_memory(file);
  return unlocked(file, SQLITE_OK);
}

// MARK: The rest

static int file_close(sqlite3_file *base) {
  open_file *file = locked(base);
  faulty_disk *disk = file->disk;
  leave_memory(file);
  unlock_to(file, SQLITE_LOCK_NONE);
  if (file->delete_on_close && !file->node->is_dead) disk_delete(disk, file->node, 1);
  disk_release(file->node);
  disk_let_go(disk);
  return SQLITE_OK;
}

static int file_control(sqlite3_file *base, int operation, void *argument) {
  (void)base, (void)operation, (void)argument;
  return SQLITE_NOTFOUND;
}

static int file_sector_size(sqlite3_file *base) {
  (void)base;
  return 4096;
}

static int file_characteristics(sqlite3_file *base) {
  (void)base;
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

const sqlite3_io_methods file_methods = {
  .iVersion = 2,
  .xClose = file_close,
  .xRead = file_read,
  .xWrite = file_write,
  .xTruncate = file_truncate,
  .xSync = file_sync,
  .xFileSize = file_size,
  .xLock = file_lock,
  .xUnlock = file_unlock,
  .xCheckReservedLock = file_check_reserved,
  .xFileControl = file_control,
  .xSectorSize = file_sector_size,
  .xDeviceCharacteristics = file_characteristics,
  .xShmMap = memory_map,
  .xShmLock = memory_lock,
  .xShmBarrier = memory_barrier,
  .xShmUnmap = memory_unmap,
};
