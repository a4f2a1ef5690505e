// Clocks, caches and the set-up of a host with stand-ins for QEMU.
#define _GNU_SOURCE
#include "CMeter.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static uint64_t nanoseconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t meter_thread_time(void) { return nanoseconds(CLOCK_THREAD_CPUTIME_ID); }
uint64_t meter_process_time(void) { return nanoseconds(CLOCK_PROCESS_CPUTIME_ID); }
uint64_t meter_clock(void) { return nanoseconds(CLOCK_MONOTONIC); }

void meter_sleep_until(uint64_t time) {
    struct timespec until = {(time_t)(time / 1000000000), (long)(time % 1000000000)};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

void meter_evict_caches(void) {
    static volatile char walked[64 << 20];
    for (size_t place = 0; place < sizeof walked; place += 64) walked[place] += 1;
}

uint64_t meter_resident(void) {
    FILE *file = fopen("/proc/self/statm", "re");
    unsigned long size = 0, resident = 0;
    if (file == NULL) return 0;
    if (fscanf(file, "%lu %lu", &size, &resident) != 2) resident = 0;
    fclose(file);
    return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

uint64_t meter_raise_descriptors(uint64_t wanted) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    struct rlimit raised = {wanted, wanted > limit.rlim_max ? wanted : limit.rlim_max};
    if (limit.rlim_cur < wanted && setrlimit(RLIMIT_NOFILE, &raised) != 0) {
        raised = (struct rlimit){limit.rlim_max, limit.rlim_max};
        setrlimit(RLIMIT_NOFILE, &raised);
    }
    getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

int32_t meter_open_descriptors(void) {
    DIR *stream = opendir("/proc/self/fd");
    int32_t count = -3;  // Not counting . and .. and the stream itself.
    if (stream == NULL) return 0;
    while (readdir(stream) != NULL) count += 1;
    closedir(stream);
    return count;
}

bool meter_is_root(void) { return geteuid() == 0; }
bool meter_private_network(void) { return unshare(CLONE_NEWNET) == 0; }

bool meter_make_tap(const char *name) {
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
    snprintf(request.ifr_name, IFNAMSIZ, "%s", name);
    int descriptor = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    if (descriptor < 0) return false;
    bool made = ioctl(descriptor, TUNSETIFF, &request) == 0 && ioctl(descriptor, TUNSETPERSIST, 1) == 0;
    close(descriptor);
    return made;
}

// The write end goes to each guest, which writes a byte into it once its threads are there.
static int ready[2] = {-1, -1};

int32_t meter_start_guest(const char *program, int32_t vcpus) {
    if (ready[0] < 0 && pipe2(ready, O_CLOEXEC) != 0) return -1;
    // Nobody waits for the guests: the kernel buries them itself.
    signal(SIGCHLD, SIG_IGN);
    char count[16];
    snprintf(count, sizeof count, "%d", vcpus);
    char *const arguments[] = {(char *)program, "guest", count, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ready[1], STDOUT_FILENO);
    pid_t process = -1;
    int code = posix_spawn(&process, program, &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    return code == 0 ? process : -1;
}

bool meter_wait_for_guests(int32_t count) {
    while (count > 0) {
        struct pollfd waiting = {ready[0], POLLIN, 0};
        char bytes[256];
        size_t size = count < (int32_t)sizeof bytes ? (size_t)count : sizeof bytes;
        if (poll(&waiting, 1, 30000) <= 0) return false;
        ssize_t received = read(ready[0], bytes, size);
        if (received <= 0) return false;
        count -= (int32_t)received;
    }
    return true;
}

static int janitor_pipe = -1;
static pid_t janitor = -1;

bool meter_start_janitor(const char *program, const char *name, const char *mounts) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return false;
    char *const arguments[] = {(char *)program, "janitor", (char *)name, (char *)mounts, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
    int code = posix_spawn(&janitor, program, &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[0]);
    janitor_pipe = ends[1];
    return code == 0;
}

void meter_dismiss_janitor(void) {
    if (janitor < 0) return;
    close(janitor_pipe);
    // With SIGCHLD ignored this returns, without a status, when the last child is gone.
    while (waitpid(janitor, NULL, 0) < 0 && errno == EINTR) continue;
    janitor = -1;
}

int32_t meter_start(const char *command) {
    char *text = strdup(command);
    char *arguments[64] = {0};
    int count = 0;
    char *rest = NULL;
    if (text == NULL) return -1;
    for (char *word = strtok_r(text, " ", &rest); word && count < 63; word = strtok_r(NULL, " ", &rest)) {
        arguments[count++] = word;
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    // A group of its own: ending it ends its children too.
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    pid_t process = -1;
    int code = posix_spawnp(&process, arguments[0], &actions, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    free(text);
    return code == 0 ? process : -1;
}

void meter_end(int32_t process) {
    if (process <= 1) return;
    kill(-process, SIGTERM);
    while (waitpid(process, NULL, 0) < 0 && errno == EINTR) continue;
}

bool meter_make_directory(const char *path) { return mkdir(path, 0755) == 0 || errno == EEXIST; }

bool meter_write(const char *path, const char *text) {
    int descriptor = open(path, O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) return false;
    ssize_t written = write(descriptor, text, strlen(text));
    close(descriptor);
    return written == (ssize_t)strlen(text);
}

static volatile sig_atomic_t interrupted;
static void interrupt(int number) { interrupted = number; }

void meter_catch_signals(void) {
    struct sigaction action = {.sa_handler = interrupt};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
}

bool meter_interrupted(void) { return interrupted != 0; }
