// Initialising, shutting down, and what every call begins and ends with.
#define _GNU_SOURCE
#include "model.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { MOST_HANDLES = 256 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int initialised;
static struct quell_nvml_device_object handles[MOST_HANDLES];
static int handle_count;

quell_nvml_return standin_enter(const char *function, const char *target) {
    pthread_mutex_lock(&lock);
    int wrong = standin_read();
    if (wrong) {
        fprintf(stderr, "%s:%d: makes no sense\n", standin_script(), wrong);
        return QUELL_NVML_UNKNOWN;
    }
    for (int index = 0; index < standin_host.fault_count; index++) {
        struct fault *fault = &standin_host.faults[index];
        if (strcmp(fault->function, function) || (*fault->target && strcmp(fault->target, target))) continue;
        if (fault->delay) {
            struct timespec delay = {fault->delay / 1000, (long)(fault->delay % 1000) * 1000000};
            nanosleep(&delay, NULL);
        }
        if (fault->code) return fault->code;
    }
    return initialised || !strcmp(function, "nvmlInit_v2") ? QUELL_NVML_SUCCESS : QUELL_NVML_UNINITIALIZED;
}

quell_nvml_return standin_leave(quell_nvml_return code) {
    pthread_mutex_unlock(&lock);
    return code;
}

quell_nvml_return standin_enter_gpu(const char *function, quell_nvml_device handle, struct gpu **gpu) {
    int is_known = handle >= handles && handle < handles + handle_count;
    quell_nvml_return code = standin_enter(function, is_known ? handle->address : "");
    if (code) return code;
    for (int index = 0; is_known && index < standin_host.gpu_count; index++) {
        *gpu = &standin_host.gpus[index];
        if (!strcmp((*gpu)->address, handle->address))
            return (*gpu)->is_lost ? QUELL_NVML_GPU_IS_LOST : QUELL_NVML_SUCCESS;
    }
    return QUELL_NVML_INVALID_ARGUMENT;
}

quell_nvml_device standin_handle(const char *address, unsigned int instance) {
    for (int index = 0; index < handle_count; index++)
        if (!strcmp(handles[index].address, address) && handles[index].instance == instance) return &handles[index];
    if (handle_count == MOST_HANDLES) return NULL;
    quell_nvml_device handle = &handles[handle_count++];
    memset(handle, 0, sizeof *handle);
    snprintf(handle->address, sizeof handle->address, "%s", address);
    handle->instance = instance;
    return handle;
}

quell_nvml_return nvmlInit_v2(void) {
    quell_nvml_return code = standin_enter("nvmlInit_v2", "");
    if (!code) code = standin_host.init;
    if (!code && !initialised++) {
        handle_count = 0;
        standin_log("init", NULL);
    }
    return standin_leave(code);
}

// As NVIDIA's own bindings of Python begin.
quell_nvml_return nvmlInitWithFlags(unsigned int flags) {
    (void)flags;
    return nvmlInit_v2();
}

quell_nvml_return nvmlShutdown(void) {
    quell_nvml_return code = standin_enter("nvmlShutdown", "");
    if (!code && !--initialised) standin_log("shutdown", NULL);
    return standin_leave(code);
}

const char *nvmlErrorString(quell_nvml_return code) {
    switch (code) {
    case QUELL_NVML_SUCCESS: return "Success";
    case QUELL_NVML_UNINITIALIZED: return "Uninitialized";
    case QUELL_NVML_INVALID_ARGUMENT: return "Invalid Argument";
    case QUELL_NVML_NOT_SUPPORTED: return "Not Supported";
    case QUELL_NVML_NO_PERMISSION: return "Insufficient Permissions";
    case QUELL_NVML_NOT_FOUND: return "Not Found";
    case QUELL_NVML_INSUFFICIENT_SIZE: return "Insufficient Size";
    case QUELL_NVML_DRIVER_NOT_LOADED: return "Driver Not Loaded";
    case QUELL_NVML_TIMEOUT: return "Timeout";
    case QUELL_NVML_GPU_IS_LOST: return "GPU is lost";
    case QUELL_NVML_VERSION_MISMATCH: return "Driver/library version mismatch";
    default: return "Unknown Error";
    }
}

quell_nvml_return nvmlDeviceGetCount_v2(unsigned int *count) {
    quell_nvml_return code = standin_enter("nvmlDeviceGetCount_v2", "");
    if (!code && !count) code = QUELL_NVML_INVALID_ARGUMENT;
    if (!code) *count = (unsigned int)standin_host.gpu_count;
    return standin_leave(code);
}

quell_nvml_return nvmlDeviceGetHandleByPciBusId_v2(const char *address, quell_nvml_device *device) {
    quell_nvml_return code = standin_enter("nvmlDeviceGetHandleByPciBusId_v2", address ? address : "");
    if (code || !address || !device) return standin_leave(code ? code : QUELL_NVML_INVALID_ARGUMENT);
    code = QUELL_NVML_NOT_FOUND;
    for (int index = 0; index < standin_host.gpu_count; index++) {
        struct gpu *gpu = &standin_host.gpus[index];
        if (strcmp(gpu->address, address)) continue;
        code = gpu->is_lost ? QUELL_NVML_GPU_IS_LOST : QUELL_NVML_SUCCESS;
        if (!code) *device = standin_handle(address, QUELL_NVML_NO_INSTANCE);
    }
    if (!code) standin_log("attach", address);
    return standin_leave(code);
}
