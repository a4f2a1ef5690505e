// malloc and its kin for the whole process, the Swift runtime and glibc included: the dynamic linker takes the
// executable's definition before that of libc.so. They count where asked to and hand on to glibc's own.
#include "CMeter.h"

#include <errno.h>
#include <stddef.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *memory);

// Laid out with the executable, so that reading them never allocates.
static __thread bool is_counting __attribute__((tls_model("initial-exec")));
static __thread uint64_t allocations __attribute__((tls_model("initial-exec")));
static __thread uint64_t frees __attribute__((tls_model("initial-exec")));

void meter_count_allocations(void) {
    allocations = 0;
    frees = 0;
    is_counting = true;
}

void meter_stop_counting(void) { is_counting = false; }
uint64_t meter_allocations(void) { return allocations; }
uint64_t meter_frees(void) { return frees; }

static inline void note_allocation(void) {
    if (is_counting) allocations += 1;
}

void *malloc(size_t size) {
    note_allocation();
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    note_allocation();
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size) {
    note_allocation();
    return __libc_realloc(memory, size);
}

void *reallocarray(void *memory, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    note_allocation();
    return __libc_realloc(memory, bytes);
}

void *memalign(size_t alignment, size_t size) {
    note_allocation();
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    note_allocation();
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
    if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0) return EINVAL;
    note_allocation();
    void *result = __libc_memalign(alignment, size);
    if (result == NULL) return ENOMEM;
    *memory = result;
    return 0;
}

void free(void *memory) {
    if (is_counting && memory != NULL) frees += 1;
    __libc_free(memory);
}
