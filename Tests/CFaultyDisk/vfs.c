// SQLite's view of the disks: a VFS that takes the paths below mounted directories and passes the others on.
#include <stdlib.h>
#include <string.h>

#include "disk.h"

static pthread_once_t registration = PTHREAD_ONCE_INIT;
static pthread_mutex_t mounts_mutex = PTHREAD_MUTEX_INITIALIZER;
static faulty_disk *mounts = NULL;
static sqlite3_vfs *real = NULL;

void vfs_mount(faulty_disk *disk) {
  pthread_mutex_lock(&mounts_mutex);
  disk->next = mounts;
  mounts = disk;
  pthread_mutex_unlock(&mounts_mutex);
}

void vfs_unmount(faulty_disk *disk) {
  pthread_mutex_lock(&mounts_mutex);
  for (faulty_disk **link = &mounts; *link; link = &(*link)->next) {
    if (*link != disk) continue;
    *link = disk->next;
    break;
  }
  pthread_mutex_unlock(&mounts_mutex);
}

/* Returns the disk locked; NULL where the path is on none. */
faulty_disk *vfs_disk_of(const char *path) {
  if (!path) return NULL;
  pthread_mutex_lock(&mounts_mutex);
  faulty_disk *disk = mounts;
  while (disk && !(strncmp(path, disk->directory, disk->directory_length) == 0 && path[disk->directory_length] == '/')) {
    disk = disk->next;
  }
  if (disk) pthread_mutex_lock(&disk->mutex);
  pthread_mutex_unlock(&mounts_mutex);
  return disk;
}

static int open_path(sqlite3_vfs *vfs, const char *path, sqlite3_file *base, int flags, int *out_flags) {
  (void)vfs;
  faulty_disk *disk = vfs_disk_of(path);
  if (!disk) return real->xOpen(real, path, base, flags, out_flags);
  open_file *file = (open_file *)base;
  memset(file, 0, sizeof(*file));
  inode *node = disk->is_down ? NULL : disk_find(disk, path);
  if (!node && !disk->is_down && (flags & SQLITE_OPEN_CREATE)) node = disk_create(disk, path);
  if (node) {
    node->references++;
    disk->references++;
    file->base.pMethods = &file_methods;
    file->disk = disk;
    file->node = node;
    file->delete_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
    if (out_flags) *out_flags = flags;
  }
  pthread_mutex_unlock(&disk->mutex);
  return node ? SQLITE_OK : SQLITE_CANTOPEN;
}

static int delete_path(sqlite3_vfs *vfs, const char *path, int syncs_directory) {
  (void)vfs;
  faulty_disk *disk = vfs_disk_of(path);
  if (!disk) return real->xDelete(real, path, syncs_directory);
  int code = SQLITE_OK;
  inode *node = disk_find(disk, path);
  if (disk->is_down || disk_dies(disk)) {
    code = SQLITE_IOERR_DELETE;
  } else if (!node) {
    code = SQLITE_IOERR_DELETE_NOENT;
  } else {
    disk_delete(disk, node, syncs_directory);
  }
  pthread_mutex_unlock(&disk->mutex);
  return code;
}

static int access_path(sqlite3_vfs *vfs, const char *path, int flags, int *result) {
  (void)vfs;
  faulty_disk *disk = vfs_disk_of(path);
  if (!disk) return real->xAccess(real, path, flags, result);
  inode *node = disk_find(disk, path);
  // As for files of Unix, one that is empty doesn't count as existing.
  *result = node && (flags != SQLITE_ACCESS_EXISTS || node->current.size > 0);
  pthread_mutex_unlock(&disk->mutex);
  return SQLITE_OK;
}

static int full_path(sqlite3_vfs *vfs, const char *path, int capacity, char *full) {
  (void)vfs;
  return real->xFullPathname(real, path, capacity, full);
}

static int randomness(sqlite3_vfs *vfs, int count, char *bytes) {
  (void)vfs;
  return real->xRandomness(real, count, bytes);
}

static int wait_microseconds(sqlite3_vfs *vfs, int microseconds) {
  (void)vfs;
  return real->xSleep(real, microseconds);
}

static int current_time(sqlite3_vfs *vfs, double *days) {
  (void)vfs;
  return real->xCurrentTime(real, days);
}

static int last_error(sqlite3_vfs *vfs, int count, char *text) {
  (void)vfs;
  return real->xGetLastError ? real->xGetLastError(real, count, text) : 0;
}

static int current_time_64(sqlite3_vfs *vfs, sqlite3_int64 *milliseconds) {
  (void)vfs;
  return real->xCurrentTimeInt64(real, milliseconds);
}

static void *library_open(sqlite3_vfs *vfs, const char *path) {
  (void)vfs;
  return real->xDlOpen(real, path);
}

static void library_error(sqlite3_vfs *vfs, int count, char *text) {
  (void)vfs;
  real->xDlError(real, count, text);
}

static void (*library_symbol(sqlite3_vfs *vfs, void *library, const char *symbol))(void) {
  (void)vfs;
  return real->xDlSym(real, library, symbol);
}

static void library_close(sqlite3_vfs *vfs, void *library) {
  (void)vfs;
  real->xDlClose(real, library);
}

static sqlite3_vfs vfs = {
  .iVersion = 2,
  .zName = "faulty",
  .xOpen = open_path,
  .xDelete = delete_path,
  .xAccess = access_path,
  .xFullPathname = full_path,
  .xDlOpen = library_open,
  .xDlError = library_error,
  .xDlSym = library_symbol,
  .xDlClose = library_close,
  .xRandomness = randomness,
  .xSleep = wait_microseconds,
  .xCurrentTime = current_time,
  .xGetLastError = last_error,
  .xCurrentTimeInt64 = current_time_64,
};

static void register_once(void) {
  real = sqlite3_vfs_find(NULL);
  if (!real) abort();
  vfs.mxPathname = real->mxPathname;
  vfs.szOsFile = real->szOsFile > (int)sizeof(open_file) ? real->szOsFile : (int)sizeof(open_file);
  if (sqlite3_vfs_register(&vfs, 1) != SQLITE_OK) abort();
}

void vfs_register(void) { pthread_once(&registration, register_once); }
