#include <libpq-fe.h>
#include <malloc.h>
#include <spawn.h>
#include <sys/eventfd.h>

/* In glibc since 2.29 and 2.34, but declared under _GNU_SOURCE only, which Swift does not set. */
int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path);
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
