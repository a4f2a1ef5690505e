// A stand-in for QEMU, as far as the kernel's counters go, and the janitor of the benchmarks.
//
//     BenchGuest guest VCPUS             threads named as QEMU names its vCPUs, all asleep; ends with its parent
//     BenchGuest janitor NAME MOUNTS     when its input ends: kills what is in the cgroups NAME and removes them
#define _GNU_SOURCE
#include <dirent.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static void *vcpu(void *nothing) {
    (void)nothing;
    for (;;) pause();
}

static int guest(int vcpus) {
    pid_t parent = getppid();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    // The parent may have ended before it could be watched.
    if (getppid() != parent) return 1;
    signal(SIGINT, SIG_IGN);
    prctl(PR_SET_NAME, "qemu-system-x86");
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, PTHREAD_STACK_MIN);
    for (int index = 0; index < vcpus; index++) {
        pthread_t thread;
        char name[16];
        if (pthread_create(&thread, &attributes, vcpu, NULL) != 0) return 1;
        snprintf(name, sizeof name, "CPU %d/KVM", index);
        pthread_setname_np(thread, name);
    }
    if (write(STDOUT_FILENO, "r", 1) != 1) return 1;
    close(STDOUT_FILENO);
    for (;;) pause();
}

static void kill_members(const char *directory) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/cgroup.procs", directory);
    FILE *file = fopen(path, "re");
    if (file == NULL) return;
    int process;
    while (fscanf(file, "%d", &process) == 1) {
        if (process > 1) kill(process, SIGKILL);
    }
    fclose(file);
}

// Removes a tree of cgroups from the leaves up; false where something is still in it.
static int remove_tree(const char *directory) {
    kill_members(directory);
    DIR *stream = opendir(directory);
    if (stream == NULL) return 1;
    struct dirent *entry;
    while ((entry = readdir(stream)) != NULL) {
        char path[PATH_MAX];
        if (entry->d_type != DT_DIR || entry->d_name[0] == '.') continue;
        if (snprintf(path, sizeof path, "%s/%s", directory, entry->d_name) < (int)sizeof path) remove_tree(path);
    }
    closedir(stream);
    return rmdir(directory) == 0;
}

static int janitor(const char *name, char *mounts) {
    char byte;
    // A signal to the benchmark's terminal must not stop the one that cleans up after it.
    setsid();
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    while (read(STDIN_FILENO, &byte, 1) > 0) continue;
    int left = 0;
    for (int round = 0; round < 300; round++) {
        char *text = strdup(mounts);
        char *rest = NULL;
        left = 0;
        for (char *mount = strtok_r(text, ":", &rest); mount != NULL; mount = strtok_r(NULL, ":", &rest)) {
            char path[PATH_MAX];
            snprintf(path, sizeof path, "%s/%s", mount, name);
            if (access(path, F_OK) == 0 && !remove_tree(path)) left += 1;
        }
        free(text);
        if (left == 0) return 0;
        nanosleep(&(struct timespec){0, 100000000}, NULL);
    }
    fprintf(stderr, "cgroups named %s are left behind\n", name);
    return 1;
}

int main(int count, char **arguments) {
    if (count == 3 && strcmp(arguments[1], "guest") == 0) return guest(atoi(arguments[2]));
    if (count == 4 && strcmp(arguments[1], "janitor") == 0) return janitor(arguments[2], arguments[3]);
    fprintf(stderr, "only the benchmarks of the sampler run this\n");
    return 64;
}
