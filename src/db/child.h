#pragma once
#include <stdbool.h>
#include <sys/types.h>

#include "base/compiler.h"

// Programs of the database run as our children, under a user of less power where we are root: no
// shell, a small environment, their own session (so that Ctrl-C reaches only us), nothing inherited
// but standard input (/dev/null) and one descriptor for both outputs.

enum { CHILD_GROUPS = 64 };

struct child_user {
    bool change; // false: we stay who we are
    char name[64];
    uid_t uid;
    gid_t gid;
    gid_t groups[CHILD_GROUPS];
    int group_count;
};

// As root: the system user `name` (says in the log when there is none or it is root itself).
// Otherwise: ourselves.
must_check bool child_user_find(struct child_user *user, const char *name);

// This process, all its threads, becomes `user` for good. Says why it could not.
must_check bool child_user_become(struct child_user *user);

// Starts argv[0] (a path). -1 when it could not be forked.
must_check pid_t child_spawn(const struct child_user *user, char *const argv[], int output);
// The same, and waits. True when it ended with status 0.
must_check bool child_run(const struct child_user *user, char *const argv[], int output);
// Runs task(arg) in a forked child as `user`; true when it returned true.
must_check bool child_task(const struct child_user *user, bool (*task)(const char *arg),
                           const char *arg);
