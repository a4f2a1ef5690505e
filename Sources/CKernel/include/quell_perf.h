// Shims for perf_event_open.
#ifndef QUELL_PERF_H
#define QUELL_PERF_H

#include <errno.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

// Opens one counter of a cgroup on one CPU, or of a process; glibc has no wrapper, and the flags of the attribute are bit
// fields, which Swift cannot import. `group` is the leader, or -1 for a leader, which reads its whole group at once with
// the times for which it was enabled and running. Gives the descriptor, or a negative errno.
static inline int quell_perf_open(uint32_t type, uint64_t config, int target, int cpu, int group, int is_cgroup) {
    struct perf_event_attr attr;
    memset(&attr, 0, sizeof attr);
    attr.size = sizeof attr;
    attr.type = type;
    attr.config = config;
    attr.read_format = PERF_FORMAT_GROUP | PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
    unsigned long flags = PERF_FLAG_FD_CLOEXEC | (is_cgroup ? PERF_FLAG_PID_CGROUP : 0);
    long fd = syscall(SYS_perf_event_open, &attr, target, cpu, group, flags);
    return fd < 0 ? -errno : (int)fd;
}

#endif
