// What a disk holds, what of it survives, and how it fails.
#include "disk.h"

#include <stdlib.h>
#include <string.h>

static const size_t sector = 512;

// SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014.
static uint64_t next_random(faulty_disk *disk) {
  uint64_t mixed = (disk->random += 0x9E3779B97F4A7C15u);
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
  return mixed ^ (mixed >> 31);
}

static int reserve(extent *extent, sqlite3_int64 size) {
  if (size <= extent->capacity) return SQLITE_OK;
  sqlite3_int64 capacity = extent->capacity < 4096 ? 4096 : extent->capacity;
  while (capacity < size) capacity *= 2;
  unsigned char *bytes = realloc(extent->bytes, (size_t)capacity);
  if (!bytes) return SQLITE_IOERR_NOMEM;
  extent->bytes = bytes;
  extent->capacity = capacity;
  return SQLITE_OK;
}

static int resize(extent *extent, sqlite3_int64 size) {
  int code = reserve(extent, size);
  if (code != SQLITE_OK) return code;
  if (size > extent->size) memset(extent->bytes + extent->size, 0, (size_t)(size - extent->size));
  extent->size = size;
  return SQLITE_OK;
}

static int overwrite(extent *extent, const void *bytes, size_t count, sqlite3_int64 offset) {
  if (offset + (sqlite3_int64)count > extent->size) {
    int code = resize(extent, offset + (sqlite3_int64)count);
    if (code != SQLITE_OK) return code;
  }
  if (count > 0) memcpy(extent->bytes + offset, bytes, count);
  return SQLITE_OK;
}

// MARK: Files

inode *disk_find(faulty_disk *disk, const char *path) {
  for (inode *node = disk->inodes; node; node = node->next) {
    if (!node->is_deleted && strcmp(node->path, path) == 0) return node;
  }
  return NULL;
}

static void forget_unsynced(inode *node) {
  while (node->first) {
    unsynced *entry = node->first;
    node->first = entry->next;
    free(entry->bytes);
    free(entry);
  }
  node->last = NULL;
}

void memory_free(shared_memory *memory) {
  for (int index = 0; index < memory->region_count; index++) free(memory->regions[index]);
  free(memory->regions);
  memory->regions = NULL;
  memory->region_count = 0;
}

void disk_release(inode *node) {
  if (--node->references > 0) return;
  forget_unsynced(node);
  memory_free(&node->memory);
  free(node->current.bytes);
  free(node->durable.bytes);
  free(node->path);
  free(node);
}

static void unlist(faulty_disk *disk, inode *node) {
  for (inode **link = &disk->inodes; *link; link = &(*link)->next) {
    if (*link != node) continue;
    *link = node->next;
    node->next = NULL;
    disk_release(node);
    return;
  }
}

inode *disk_create(faulty_disk *disk, const char *path) {
  // A new file of that name is the proof, to whoever journals names, that the old one had been deleted before.
  for (inode *node = disk->inodes; node; node = node->next) {
    if (strcmp(node->path, path) == 0) {
      unlist(disk, node);
      break;
    }
  }
  inode *node = calloc(1, sizeof(inode));
  if (!node) return NULL;
  node->path = strdup(path);
  if (!node->path) {
    free(node);
    return NULL;
  }
  node->references = 1;
  node->next = disk->inodes;
  disk->inodes = node;
  return node;
}

void disk_delete(faulty_disk *disk, inode *node, int is_durable) {
  node->is_deleted = 1;
  if (is_durable || !node->is_named) unlist(disk, node);
}

// MARK: Changing

static int remember(inode *node, const void *bytes, size_t count, sqlite3_int64 offset) {
  unsynced *entry = calloc(1, sizeof(unsynced));
  if (!entry) return SQLITE_IOERR_NOMEM;
  entry->offset = offset;
  entry->count = count;
  if (bytes) {
    entry->bytes = malloc(count);
    if (!entry->bytes) {
      free(entry);
      return SQLITE_IOERR_NOMEM;
    }
    memcpy(entry->bytes, bytes, count);
  }
  if (node->last) node->last->next = entry; else node->first = entry;
  node->last = entry;
  return SQLITE_OK;
}

int disk_write(faulty_disk *disk, inode *node, const void *bytes, size_t count, sqlite3_int64 offset) {
  if (disk->is_full && offset + (sqlite3_int64)count > node->current.size) return SQLITE_FULL;
  int code = remember(node, bytes, count, offset);
  if (code == SQLITE_OK) code = overwrite(&node->current, bytes, count, offset);
  if (code != SQLITE_OK) return code;
  disk->counters.writes++;
  // The write that the cut falls into is one of those that may survive in part.
  return disk_dies(disk) ? SQLITE_IOERR_WRITE : SQLITE_OK;
}

int disk_truncate(faulty_disk *disk, inode *node, sqlite3_int64 size) {
  if (disk_dies(disk)) return SQLITE_IOERR_TRUNCATE;
  int code = remember(node, NULL, 0, size);
  return code == SQLITE_OK ? resize(&node->current, size) : code;
}

static int settle(inode *node) {
  for (unsynced *entry = node->first; entry; entry = entry->next) {
    int code = entry->bytes ? overwrite(&node->durable, entry->bytes, entry->count, entry->offset)
                            : resize(&node->durable, entry->offset);
    if (code != SQLITE_OK) return code;
  }
  forget_unsynced(node);
  return SQLITE_OK;
}

/* A file system with a journal commits names in the order in which they were made and taken away, and whoever syncs
 * any file waits for that: so does whoever counts on a deletion before. */
static void settle_names(faulty_disk *disk) {
  inode *next;
  for (inode *node = disk->inodes; node; node = next) {
    next = node->next;
    node->is_named = 1;
    if (node->is_deleted) unlist(disk, node);
  }
}

int disk_sync(faulty_disk *disk, inode *node) {
  if (disk_dies(disk)) return SQLITE_IOERR_FSYNC;
  disk->counters.syncs++;
  if (disk->failing_syncs > 0) {
    disk->failing_syncs--;
    // The kernel takes the pages for clean from now on.
    forget_unsynced(node);
    return SQLITE_IOERR_FSYNC;
  }
  if (disk->is_lying) return SQLITE_OK;
  int code = settle(node);
  if (code == SQLITE_OK) settle_names(disk);
  return code;
}

// MARK: Failing

/* How a cut treats what wasn't synced. */
typedef enum { lose_everything, lose_some, keep_everything } survival;

static int survive(faulty_disk *disk, inode *from, inode *to, survival survival) {
  extent start = survival == keep_everything ? from->current : from->durable;
  int code = overwrite(&to->current, start.bytes, (size_t)start.size, 0);
  for (unsynced *entry = from->first; entry && code == SQLITE_OK && survival != keep_everything; entry = entry->next) {
    uint64_t fate = survival == lose_everything ? 0 : next_random(disk) % 8;
    if (fate == 0 || (fate < 4 && survival == lose_some)) {
      disk->counters.lost_writes++;
    } else if (!entry->bytes) {
      code = resize(&to->current, entry->offset);
    } else if (fate == 4 && entry->count > sector) {
      disk->counters.lost_writes++;
      size_t kept = sector * (size_t)(1 + next_random(disk) % (entry->count / sector));
      code = overwrite(&to->current, entry->bytes, kept < entry->count ? kept : entry->count, entry->offset);
    } else {
      code = overwrite(&to->current, entry->bytes, entry->count, entry->offset);
    }
  }
  if (code == SQLITE_OK && survival == keep_everything) {
    // What isn't durable in the eyes of the disk stays so for the next process.
    code = overwrite(&to->durable, from->durable.bytes, (size_t)from->durable.size, 0);
    to->first = from->first;
    to->last = from->last;
    from->first = from->last = NULL;
    to->is_named = from->is_named;
  } else if (code == SQLITE_OK) {
    code = overwrite(&to->durable, to->current.bytes, (size_t)to->current.size, 0);
    to->is_named = 1;
  }
  return code;
}

/* Replaces every file by what survives of it. Those who have the old ones open are left with the dead. */
static void fail(faulty_disk *disk, survival survival) {
  disk->is_down = 1;
  disk->cut_at = 0;
  disk->failing_syncs = 0;
  inode *old = disk->inodes;
  disk->inodes = NULL;
  while (old) {
    inode *next = old->next;
    old->next = NULL;
    old->is_dead = 1;
    int exists = survival == keep_everything ? !old->is_deleted
               : old->is_deleted ? old->is_named && next_random(disk) % 2
                                 : old->is_named || next_random(disk) % 2;
    if (exists) {
      inode *heir = disk_create(disk, old->path);
      if (!heir || survive(disk, old, heir, survival) != SQLITE_OK) abort();
    }
    disk_release(old);
    old = next;
  }
}

int disk_dies(faulty_disk *disk) {
  disk->counters.operations++;
  if (disk->cut_at == 0 || disk->counters.operations < disk->cut_at) return 0;
  fail(disk, next_random(disk) % 3 == 0 ? lose_everything : lose_some);
  return 1;
}

// MARK: For those who run the test

faulty_disk *faulty_disk_mount(const char *directory, uint64_t seed) {
  faulty_disk *disk = calloc(1, sizeof(faulty_disk));
  if (!disk) return NULL;
  disk->directory = strdup(directory);
  if (!disk->directory) {
    free(disk);
    return NULL;
  }
  disk->directory_length = strlen(directory);
  disk->random = seed;
  disk->references = 1;
  pthread_mutex_init(&disk->mutex, NULL);
  vfs_register();
  vfs_mount(disk);
  return disk;
}

void disk_let_go(faulty_disk *disk) {
  int references = --disk->references;
  pthread_mutex_unlock(&disk->mutex);
  if (references > 0) return;
  while (disk->inodes) unlist(disk, disk->inodes);
  pthread_mutex_destroy(&disk->mutex);
  free(disk->directory);
  free(disk);
}

void faulty_disk_unmount(faulty_disk *disk) {
  vfs_unmount(disk);
  pthread_mutex_lock(&disk->mutex);
  disk->is_down = 1;
  for (inode *node = disk->inodes; node; node = node->next) node->is_dead = 1;
  disk_let_go(disk);
}

void faulty_disk_put(faulty_disk *disk, const char *path, const void *bytes, size_t count) {
  pthread_mutex_lock(&disk->mutex);
  inode *node = disk_create(disk, path);
  if (!node || overwrite(&node->current, bytes, count, 0) != SQLITE_OK
      || overwrite(&node->durable, bytes, count, 0) != SQLITE_OK) abort();
  node->is_named = 1;
  pthread_mutex_unlock(&disk->mutex);
}

int64_t faulty_disk_get(faulty_disk *disk, const char *path, void *bytes, size_t capacity) {
  pthread_mutex_lock(&disk->mutex);
  inode *node = disk_find(disk, path);
  int64_t size = node ? node->current.size : -1;
  if (node && bytes && size > 0) {
    memcpy(bytes, node->current.bytes, (size_t)size < capacity ? (size_t)size : capacity);
  }
  pthread_mutex_unlock(&disk->mutex);
  return size;
}

void faulty_disk_remove(faulty_disk *disk, const char *path) {
  pthread_mutex_lock(&disk->mutex);
  for (inode *node = disk->inodes; node; node = node->next) {
    if (strcmp(node->path, path) != 0) continue;
    node->is_deleted = 1;
    unlist(disk, node);
    break;
  }
  pthread_mutex_unlock(&disk->mutex);
}

#define WITH_DISK(statement) \
  do { \
    pthread_mutex_lock(&disk->mutex); \
    statement; \
    pthread_mutex_unlock(&disk->mutex); \
  } while (0)

void faulty_disk_set_full(faulty_disk *disk, int is_full) { WITH_DISK(disk->is_full = is_full); }
void faulty_disk_set_lying(faulty_disk *disk, int is_lying) { WITH_DISK(disk->is_lying = is_lying); }
void faulty_disk_fail_syncs(faulty_disk *disk, unsigned count) { WITH_DISK(disk->failing_syncs = count); }

void faulty_disk_cut_power_after(faulty_disk *disk, uint64_t operations) {
  WITH_DISK(disk->cut_at = disk->counters.operations + operations + 1);
}

void faulty_disk_cut_power_never(faulty_disk *disk) { WITH_DISK(disk->cut_at = 0); }

void faulty_disk_cut_power(faulty_disk *disk) {
  WITH_DISK(if (!disk->is_down) fail(disk, next_random(disk) % 3 == 0 ? lose_everything : lose_some));
}

void faulty_disk_kill(faulty_disk *disk) { WITH_DISK(if (!disk->is_down) fail(disk, keep_everything)); }
void faulty_disk_power_on(faulty_disk *disk) { WITH_DISK(disk->is_down = 0); }

int faulty_disk_is_down(faulty_disk *disk) {
  int is_down;
  WITH_DISK(is_down = disk->is_down);
  return is_down;
}

faulty_disk_counters faulty_disk_count(faulty_disk *disk) {
  faulty_disk_counters counters;
  WITH_DISK(counters = disk->counters);
  return counters;
}
