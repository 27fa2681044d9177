#ifndef DISK_H
#define DISK_H

#include <pthread.h>
#include <sqlite3.h>

#include "faulty_disk.h"

/* A write that isn't durable yet: bytes at an offset, or, without bytes, a truncation to `offset`. */
typedef struct unsynced {
  struct unsynced *next;
  sqlite3_int64 offset;
  size_t count;
  unsigned char *bytes;
} unsynced;

typedef struct {
  unsigned char *bytes;
  sqlite3_int64 size;
  sqlite3_int64 capacity;
} extent;

struct open_file;

/* The wal-index and its locks, which the connections of one process share. */
typedef struct {
  /* Open files that have mapped it. */
  int user_count;
  int region_count;
  void **regions;
  int shared[SQLITE_SHM_NLOCK];
  struct open_file *exclusive[SQLITE_SHM_NLOCK];
} shared_memory;

typedef struct inode {
  struct inode *next;
  char *path;
  /* What reads see, and what survives. */
  extent current;
  extent durable;
  /* Whether the name survives, and whether it has been deleted without that being durable yet. */
  int is_named;
  int is_deleted;
  unsynced *first;
  unsynced *last;
  /* Open files, and the disk's own list. */
  int references;
  /* The process that had it open is gone. */
  int is_dead;
  int shared_count;
  struct open_file *reserved;
  struct open_file *pending;
  struct open_file *exclusive;
  shared_memory memory;
} inode;

struct faulty_disk {
  struct faulty_disk *next;
  char *directory;
  size_t directory_length;
  pthread_mutex_t mutex;
  int references;
  uint64_t random;
  inode *inodes;
  int is_full;
  int is_lying;
  int is_down;
  unsigned failing_syncs;
  /* Zero where no cut is planned. */
  uint64_t cut_at;
  faulty_disk_counters counters;
};

typedef struct open_file {
  sqlite3_file base;
  faulty_disk *disk;
  inode *node;
  int level;
  int uses_memory;
  unsigned shared_mask;
  unsigned exclusive_mask;
  int delete_on_close;
} open_file;

/* All of these are called with the disk's mutex held. */
inode *disk_find(faulty_disk *disk, const char *path);
inode *disk_create(faulty_disk *disk, const char *path);
void disk_release(inode *node);
void memory_free(shared_memory *memory);
void disk_delete(faulty_disk *disk, inode *node, int is_durable);
/* Counts an operation. Returns whether the disk has just died of it. */
int disk_dies(faulty_disk *disk);
int disk_write(faulty_disk *disk, inode *node, const void *bytes, size_t count, sqlite3_int64 offset);
int disk_truncate(faulty_disk *disk, inode *node, sqlite3_int64 size);
int disk_sync(faulty_disk *disk, inode *node);

/* Drops a reference to the disk itself; unlocks its mutex. */
void disk_let_go(faulty_disk *disk);

/* The VFS. */
void vfs_register(void);
faulty_disk *vfs_disk_of(const char *path);
void vfs_mount(faulty_disk *disk);
void vfs_unmount(faulty_disk *disk);
extern const sqlite3_io_methods file_methods;

#endif
