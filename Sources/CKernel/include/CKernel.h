// What Swift cannot import of the kernel's interface: ioctl macros, flexible arrays, constants behind macros.
#ifndef QUELL_CKERNEL_H
#define QUELL_CKERNEL_H

#include "quell_columns.h"
#include "quell_heap.h"
#include "quell_netlink.h"
#include "quell_nvml.h"
#include "quell_perf.h"
#include "quell_sched.h"

#endif
