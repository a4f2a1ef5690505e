// Shims for perf_event_open.
#ifndef QUELL_PERF_H
#define QUELL_PERF_H

#endif
