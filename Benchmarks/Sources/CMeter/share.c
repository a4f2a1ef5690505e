// open and close for the whole process: they hand on to glibc's own and, where asked to, give one descriptor to all who open
// the same path for reading. Reading with pread leaves no trace in a descriptor, so the users do not see each other.
#define _GNU_SOURCE
#include "CMeter.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define PLACES (1 << 17)

struct shared {
    char *path;
    int descriptor;
    int users;
};

static bool is_sharing;
static struct shared *places;
// By descriptor.
static struct shared *owners[PLACES];

void meter_share_descriptors(bool shared) {
    if (places == NULL) places = calloc(PLACES, sizeof(struct shared));
    is_sharing = shared && places != NULL;
}

// The place of a path, or the free one where it would be (FNV-1a, then the next ones in turn).
static struct shared *place_of(const char *path) {
    uint64_t hash = 14695981039346656037u;
    for (const char *byte = path; *byte; byte++) hash = (hash ^ (unsigned char)*byte) * 1099511628211u;
    for (size_t step = 0; step < PLACES; step++) {
        struct shared *place = &places[(hash + step) % PLACES];
        if (place->path == NULL || strcmp(place->path, path) == 0) return place;
    }
    abort();
}

static int open_or_share(const char *path, int flags, mode_t mode) {
    static int (*next_open)(const char *, int, ...);
    if (next_open == NULL) next_open = dlsym(RTLD_NEXT, "open");
    if (!is_sharing || (flags & O_ACCMODE) != O_RDONLY) return next_open(path, flags, mode);
    struct shared *place = place_of(path);
    if (place->users == 0) {
        int descriptor = next_open(path, flags, mode);
        if (descriptor < 0 || descriptor >= PLACES) return descriptor;
        owners[descriptor] = place;
        if (place->path == NULL) place->path = strdup(path);
        place->descriptor = descriptor;
    }
    place->users += 1;
    return place->descriptor;
}

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    int result = open_or_share(path, flags, mode);
    meter_opened(path, flags, result);
    return result;
}

int close(int descriptor) {
    meter_closed(descriptor);
    static int (*next_close)(int);
    if (next_close == NULL) next_close = dlsym(RTLD_NEXT, "close");
    struct shared *place = descriptor >= 0 && descriptor < PLACES ? owners[descriptor] : NULL;
    if (place != NULL) {
        place->users -= 1;
        if (place->users > 0) return 0;
        owners[descriptor] = NULL;
    }
    return next_close(descriptor);
}
