// The calls by which a tick asks the kernel, for the whole process: they hand on to glibc's own and, where asked to, are
// written down first. Making them again is the floor: what the kernel takes for what the sampler wants to know.
#define _GNU_SOURCE
#include "CMeter.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static ssize_t (*next_pread)(int, void *, size_t, off_t);
static ssize_t (*next_read)(int, void *, size_t);
static ssize_t (*next_send)(int, const void *, size_t, int);
static ssize_t (*next_sendto)(int, const void *, size_t, int, const struct sockaddr *, socklen_t);
static ssize_t (*next_sendmsg)(int, const struct msghdr *, int);
static ssize_t (*next_recv)(int, void *, size_t, int);
static ssize_t (*next_recvfrom)(int, void *, size_t, int, struct sockaddr *, socklen_t *);
static ssize_t (*next_recvmsg)(int, struct msghdr *, int);
static int (*next_fstat)(int, struct stat *);
static int (*next_stat)(const char *, struct stat *);
static int (*next_open)(const char *, int, ...);
static int (*next_close)(int);

static void *next(void *known, const char *name) { return known ? known : dlsym(RTLD_NEXT, name); }
// Looked up at the first call, which may come from another constructor before ours has run.
#define NEXT(call) (next_##call = next((void *)next_##call, #call))

enum kind { PREAD, READ, SEND, RECEIVE, FSTAT, STAT, OPEN, CLOSE };

// In place of a descriptor: the one that the last OPEN before gives when it is made again.
enum { OPENED = -2 };

struct call {
    enum kind kind;
    int descriptor;
    int flags;
    bool failed;
    size_t size;
    off_t offset;
    char *payload;
};

struct tick {
    struct call *calls;
    size_t count;
    size_t room;
};

static struct tick recordings[METER_RECORDINGS][METER_TICKS];
static struct tick *ticks = recordings[0];
static __thread struct tick *recording __attribute__((tls_model("initial-exec")));
static __thread int opened __attribute__((tls_model("initial-exec"))) = -1;
static char target[1 << 20];

void meter_choose(int32_t recording) { ticks = recordings[recording % METER_RECORDINGS]; }

void meter_forget_calls(void) {
    for (int tick = 0; tick < METER_TICKS; tick++) {
        for (size_t index = 0; index < ticks[tick].count; index++) free(ticks[tick].calls[index].payload);
        free(ticks[tick].calls);
        ticks[tick] = (struct tick){0};
    }
}

void meter_record(int32_t tick) { recording = &ticks[tick % METER_TICKS]; }
void meter_stop_recording(void) { recording = NULL; }
uint64_t meter_recorded(int32_t tick) { return ticks[tick % METER_TICKS].count; }

uint64_t meter_recorded_preads(int32_t tick) {
    uint64_t preads = 0;
    const struct tick *recorded = &ticks[tick % METER_TICKS];
    for (size_t index = 0; index < recorded->count; index++) preads += recorded->calls[index].kind == PREAD;
    return preads;
}

static void note(struct call call) {
    struct tick *tick = recording;
    recording = NULL;
    if (tick->count == tick->room) {
        tick->room = tick->room ? 2 * tick->room : 1024;
        tick->calls = realloc(tick->calls, tick->room * sizeof(struct call));
        if (tick->calls == NULL) abort();
    }
    tick->calls[tick->count++] = call;
    recording = tick;
}

static char *copy(const void *bytes, size_t size) {
    struct tick *tick = recording;
    recording = NULL;
    char *result = malloc(size);
    if (result == NULL) abort();
    memcpy(result, bytes, size);
    recording = tick;
    return result;
}

ssize_t pread(int descriptor, void *bytes, size_t size, off_t offset) {
    ssize_t result = NEXT(pread)(descriptor, bytes, size, offset);
    int source = opened >= 0 && descriptor == opened ? OPENED : descriptor;
    if (recording) note((struct call){PREAD, source, 0, result < 0, size, offset, NULL});
    return result;
}

ssize_t pread64(int descriptor, void *bytes, size_t size, off_t offset) { return pread(descriptor, bytes, size, offset); }

ssize_t read(int descriptor, void *bytes, size_t size) {
    ssize_t result = NEXT(read)(descriptor, bytes, size);
    if (recording) note((struct call){READ, descriptor, 0, result < 0, size, 0, NULL});
    return result;
}

ssize_t send(int descriptor, const void *bytes, size_t size, int flags) {
    ssize_t result = NEXT(send)(descriptor, bytes, size, flags);
    if (recording) note((struct call){SEND, descriptor, flags, result < 0, size, 0, copy(bytes, size)});
    return result;
}

ssize_t sendto(int descriptor, const void *bytes, size_t size, int flags, const struct sockaddr *to, socklen_t length) {
    ssize_t result = NEXT(sendto)(descriptor, bytes, size, flags, to, length);
    if (recording) note((struct call){SEND, descriptor, flags, result < 0, size, 0, copy(bytes, size)});
    return result;
}

ssize_t sendmsg(int descriptor, const struct msghdr *message, int flags) {
    ssize_t result = NEXT(sendmsg)(descriptor, message, flags);
    if (recording && message->msg_iovlen == 1) {
        const struct iovec *part = message->msg_iov;
        char *payload = copy(part->iov_base, part->iov_len);
        note((struct call){SEND, descriptor, flags, result < 0, part->iov_len, 0, payload});
    }
    return result;
}

ssize_t recv(int descriptor, void *bytes, size_t size, int flags) {
    ssize_t result = NEXT(recv)(descriptor, bytes, size, flags);
    if (recording) note((struct call){RECEIVE, descriptor, flags, result < 0, size, 0, NULL});
    return result;
}

ssize_t recvfrom(int descriptor, void *bytes, size_t size, int flags, struct sockaddr *from, socklen_t *length) {
    ssize_t result = NEXT(recvfrom)(descriptor, bytes, size, flags, from, length);
    if (recording) note((struct call){RECEIVE, descriptor, flags, result < 0, size, 0, NULL});
    return result;
}

ssize_t recvmsg(int descriptor, struct msghdr *message, int flags) {
    ssize_t result = NEXT(recvmsg)(descriptor, message, flags);
    if (recording && message->msg_iovlen > 0) {
        note((struct call){RECEIVE, descriptor, flags, result < 0, message->msg_iov[0].iov_len, 0, NULL});
    }
    return result;
}

int fstat(int descriptor, struct stat *status) {
    int result = NEXT(fstat)(descriptor, status);
    if (recording) note((struct call){FSTAT, descriptor, 0, result < 0, 0, 0, NULL});
    return result;
}

int stat(const char *path, struct stat *status) {
    int result = NEXT(stat)(path, status);
    if (recording) note((struct call){STAT, 0, 0, result < 0, 0, 0, copy(path, strlen(path) + 1)});
    return result;
}

// open and close themselves are in share.c, which tells of them here.
void meter_opened(const char *path, int flags, int result) {
    if (!recording || flags & O_CREAT) return;
    note((struct call){OPEN, 0, flags, result < 0, 0, 0, copy(path, strlen(path) + 1)});
    opened = result;
}

void meter_closed(int descriptor) {
    if (!recording || opened < 0 || descriptor != opened) return;
    note((struct call){CLOSE, OPENED, 0, false, 0, 0, NULL});
    opened = -1;
}

static ssize_t repeat(const struct call *call) {
    static int again = -1;
    size_t size = call->size < sizeof target ? call->size : sizeof target;
    int descriptor = call->descriptor == OPENED ? again : call->descriptor;
    struct stat status;
    switch (call->kind) {
    case PREAD: return next_pread(descriptor, target, size, call->offset);
    case READ: return next_read(call->descriptor, target, size);
    case SEND: return next_send(call->descriptor, call->payload, call->size, call->flags);
    // A floor that waits for what does not come would hang the benchmark.
    case RECEIVE: return next_recv(call->descriptor, target, size, call->flags | MSG_DONTWAIT);
    case FSTAT: return next_fstat(call->descriptor, &status);
    case STAT: return next_stat(call->payload, &status);
    // What is opened costs calls and tells no bytes.
    case OPEN: return (again = next_open(call->payload, call->flags)) < 0 ? -1 : 0;
    case CLOSE: return next_close(descriptor);
    }
    return -1;
}

int64_t meter_replay(int32_t tick) {
    const struct tick *recorded = &ticks[tick % METER_TICKS];
    NEXT(send), NEXT(recv), NEXT(read), NEXT(fstat), NEXT(stat), NEXT(open), NEXT(close);
    int64_t bytes = 0;
    for (size_t index = 0; index < recorded->count; index++) {
        ssize_t result = repeat(&recorded->calls[index]);
        if (result < 0 && !recorded->calls[index].failed) return -1;
        if (result > 0) bytes += result;
    }
    return bytes;
}
