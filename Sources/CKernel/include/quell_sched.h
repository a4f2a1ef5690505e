// Shims for core scheduling.
#ifndef QUELL_SCHED_H
#define QUELL_SCHED_H

#include <errno.h>
#include <stdint.h>
#include <sys/prctl.h>

// Reads the core-scheduling cookie of a thread, 0 for none; prctl takes variable arguments, which Swift cannot pass, and
// older headers lack the numbers (linux/prctl.h: PR_SCHED_CORE, PR_SCHED_CORE_GET, PR_SCHED_CORE_SCOPE_THREAD). Gives 0 or
// an errno.
static inline int quell_core_cookie(int thread, uint64_t *cookie) {
    unsigned long long value = 0;
    if (prctl(62, 0UL, (unsigned long)thread, 0UL, (unsigned long)&value) != 0) return errno;
    *cookie = value;
    return 0;
}

#endif
