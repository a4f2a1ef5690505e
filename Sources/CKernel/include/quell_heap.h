// The C library's heap: giving pages back to the kernel after a burst of allocations.
#ifndef QUELL_HEAP_H
#define QUELL_HEAP_H

#include <malloc.h>

// malloc_trim and mallopt are GNU extensions whose header the Swift overlay of Glibc leaves out.
static inline int quell_heap_trim(void) { return malloc_trim(0); }
static inline int quell_heap_keep_large_apart(void) { return mallopt(M_MMAP_THRESHOLD, 128 << 10); }

// Unmaps the pages of all code and constants that are not used at the moment, of this program and its libraries.
//
// They are clean pages of files: what is used again is mapped again from the page cache. dl_iterate_phdr takes a
// callback with a C structure that Swift does not import.
void quell_code_forget(void);

#endif
