// The C library's heap: giving pages back to the kernel after a burst of allocations.
#ifndef QUELL_HEAP_H
#define QUELL_HEAP_H

#include <malloc.h>

// malloc_trim is a GNU extension whose header the Swift overlay of Glibc leaves out.
static inline int quell_heap_trim(void) { return malloc_trim(0); }

#endif
