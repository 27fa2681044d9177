#ifndef FAULTY_DISK_H
#define FAULTY_DISK_H

#include <stddef.h>
#include <stdint.h>

/*
 * Disks in memory that fail as real ones do, for SQLite.
 *
 * A disk is mounted at a directory. From the first mount on, the process's default VFS of SQLite is one that keeps the
 * files below such directories in memory and hands every other path to the VFS that was the default before. So whoever
 * opens a database by its path alone, as GRDB does, can be put on such a disk.
 *
 * A disk knows which writes have been synced. When power is cut, what wasn't is lost: all of it, or some writes, or
 * all but the first sectors of one, by its own random numbers. Nothing else in a written range's surroundings changes,
 * which is what SQLite calls powersafe overwrite, and what its own VFS for Unix claims for real disks.
 *
 * Every function may be called on any thread.
 */
typedef struct faulty_disk faulty_disk;

/* Mounts an empty disk at an absolute path without symbolic links. NULL where memory is short. */
faulty_disk *faulty_disk_mount(const char *directory, uint64_t seed);

/* Takes the disk away. Whoever still has files of it open gets errors; the memory goes with the last of them. */
void faulty_disk_unmount(faulty_disk *disk);

/* Puts a file there, durable, in the place of whatever has the path. */
void faulty_disk_put(faulty_disk *disk, const char *path, const void *bytes, size_t count);

/* Copies up to `capacity` bytes of a file as it reads at the moment.
 * Returns its size; -1 where there is none. */
int64_t faulty_disk_get(faulty_disk *disk, const char *path, void *bytes, size_t capacity);

/* Removes a file for good. */
void faulty_disk_remove(faulty_disk *disk, const char *path);

/* As long as it is full, no file grows (SQLITE_FULL). What a file has already can be overwritten. */
void faulty_disk_set_full(faulty_disk *disk, int is_full);

/* So many of the next syncs fail (SQLITE_IOERR_FSYNC). What they should have made durable stays readable until the
 * next cut, and no later sync makes it durable, as on Linux. */
void faulty_disk_fail_syncs(faulty_disk *disk, unsigned count);

/* Whether syncs only pretend: they succeed, and nothing becomes durable. */
void faulty_disk_set_lying(faulty_disk *disk, int is_lying);

/* Cuts power at the operation after so many more that change the disk (writes, truncations, syncs, deletions). That
 * operation itself has not happened, or, where it is a write, may have happened in part. */
void faulty_disk_cut_power_after(faulty_disk *disk, uint64_t operations);

/* Takes a planned cut back. */
void faulty_disk_cut_power_never(faulty_disk *disk);

/* Cuts power now. Every open file is dead: whatever is done with it fails (SQLITE_IOERR), and no file can be opened. */
void faulty_disk_cut_power(faulty_disk *disk);

/* The process that has the files open is gone, the machine stays: what was written stays, synced or not. */
void faulty_disk_kill(faulty_disk *disk);

/* Whether power is off, or the process was killed. */
int faulty_disk_is_down(faulty_disk *disk);

/* Files can be opened again, with what has survived. */
void faulty_disk_power_on(faulty_disk *disk);

typedef struct {
  uint64_t writes;
  uint64_t syncs;
  /* Writes that power cuts took back, at least in part. */
  uint64_t lost_writes;
  /* Operations that could have been the last, as `faulty_disk_cut_power_after` counts them. */
  uint64_t operations;
} faulty_disk_counters;

faulty_disk_counters faulty_disk_count(faulty_disk *disk);

#endif
