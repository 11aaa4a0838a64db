#include "db/child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"

static bool user_is_self(struct child_user *user)
{
    user->change = false;
    user->uid = geteuid();
    user->gid = getegid();
    snprintf(user->name, sizeof user->name, "%u", (unsigned)user->uid);
    return true;
}

bool child_user_find(struct child_user *user, const char *name)
{
    *user = (struct child_user){0};
    if (geteuid() != 0)
        return user_is_self(user);
    const struct passwd *row = getpwnam(name);
    if (!row || row->pw_uid == 0) {
        log_error("embedded", NULL,
                  "started as root, and the system user \"%s\" for the database %s: install "
                  "postgresql or set embedded.user",
                  name, row ? "is root itself" : "does not exist");
        return false;
    }
    user->change = true;
    user->uid = row->pw_uid;
    user->gid = row->pw_gid;
    user->group_count = CHILD_GROUPS;
    snprintf(user->name, sizeof user->name, "%s", name);
    if (getgrouplist(name, row->pw_gid, user->groups, &user->group_count) < 0)
        user->group_count = CHILD_GROUPS;
    return true;
}

static bool become(const struct child_user *user)
{
    return !user->change || (setgroups((size_t)user->group_count, user->groups) == 0 &&
                             setresgid(user->gid, user->gid, user->gid) == 0 &&
                             setresuid(user->uid, user->uid, user->uid) == 0);
}

bool child_user_become(struct child_user *user)
{
    if (!become(user)) {
        log_error("embedded", NULL, "cannot become user \"%s\": %s", user->name, strerror(errno));
        return false;
    }
    user->change = false;
    return true;
}

// Between fork and exec: only what is safe there.
static void child_become(const struct child_user *user)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int sig = 1; sig < NSIG; sig++)
        signal(sig, SIG_DFL);
    setsid();
    if (!become(user))
        _exit(126);
}

static void child_outputs(int output)
{
    int null = open("/dev/null", O_RDWR);
    if (null < 0 || dup2(null, STDIN_FILENO) < 0 ||
        dup2(output >= 0 ? output : null, STDOUT_FILENO) < 0 ||
        dup2(output >= 0 ? output : null, STDERR_FILENO) < 0)
        _exit(126);
    close_range(STDERR_FILENO + 1, ~0U, 0);
}

pid_t child_spawn(const struct child_user *user, char *const argv[], int output)
{
    static char *const environment[] = {(char *)"PATH=/usr/local/bin:/usr/bin:/bin",
                                        (char *)"LC_ALL=C.UTF-8", (char *)"TZ=Asia/Ho_Chi_Minh",
                                        NULL};
    pid_t pid = fork();
    if (pid < 0)
        log_error("embedded", NULL, "fork: %s", strerror(errno));
    if (pid != 0)
        return pid;
    child_become(user);
    child_outputs(output);
    umask(077);
    if (chdir("/") != 0)
        _exit(126);
    execve(argv[0], argv, environment);
    _exit(127);
}

static bool child_wait(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return false;
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool child_run(const struct child_user *user, char *const argv[], int output)
{
    pid_t pid = child_spawn(user, argv, output);
    return pid > 0 && child_wait(pid);
}

bool child_task(const struct child_user *user, bool (*task)(const char *arg), const char *arg)
{
    pid_t pid = fork();
    if (pid < 0)
        return false;
    if (pid == 0) {
        child_become(user);
        _exit(task(arg) ? 0 : 1);
    }
    return child_wait(pid);
}
