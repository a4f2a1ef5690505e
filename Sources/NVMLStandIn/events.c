// Xid errors.
#define _GNU_SOURCE
#include "model.h"
#include <string.h>
#include <time.h>

// There is one set, as no caller needs more.
static int has_set;

quell_nvml_return nvmlEventSetCreate(quell_nvml_event_set *set) {
    quell_nvml_return code = standin_enter("nvmlEventSetCreate", "");
    if (!code && !set) code = QUELL_NVML_INVALID_ARGUMENT;
    if (!code && has_set) code = QUELL_NVML_UNKNOWN;
    if (!code) {
        has_set = 1;
        *set = (quell_nvml_event_set)&has_set;
    }
    return standin_leave(code);
}

quell_nvml_return nvmlEventSetFree(quell_nvml_event_set set) {
    quell_nvml_return code = standin_enter("nvmlEventSetFree", "");
    if (!code && (set != (quell_nvml_event_set)&has_set || !has_set)) code = QUELL_NVML_INVALID_ARGUMENT;
    if (!code) has_set = 0;
    return standin_leave(code);
}

quell_nvml_return nvmlDeviceRegisterEvents(quell_nvml_device device, unsigned long long types,
                                           quell_nvml_event_set set) {
    struct gpu *gpu;
    quell_nvml_return code = standin_enter_gpu("nvmlDeviceRegisterEvents", device, &gpu);
    if (!code && (set != (quell_nvml_event_set)&has_set || !types)) code = QUELL_NVML_INVALID_ARGUMENT;
    if (!code && (!gpu->has_events || types != QUELL_NVML_EVENT_XID)) code = QUELL_NVML_NOT_SUPPORTED;
    if (!code) {
        device->is_registered = 1;
        // What happened before is not recorded.
        for (int index = 0; index < gpu->event_count; index++)
            if (gpu->events[index].serial > device->told) device->told = gpu->events[index].serial;
    }
    return standin_leave(code);
}

quell_nvml_return nvmlEventSetWait_v2(quell_nvml_event_set set, struct quell_nvml_event *value, unsigned int timeout) {
    quell_nvml_return code = standin_enter("nvmlEventSetWait_v2", "");
    if (!code && (set != (quell_nvml_event_set)&has_set || !value)) code = QUELL_NVML_INVALID_ARGUMENT;
    if (code) return standin_leave(code);
    for (int place = 0; place < standin_host.gpu_count; place++) {
        struct gpu *gpu = &standin_host.gpus[place];
        quell_nvml_device device = standin_handle(gpu->address, QUELL_NVML_NO_INSTANCE);
        if (!device || !device->is_registered) continue;
        if (gpu->is_lost) return standin_leave(QUELL_NVML_GPU_IS_LOST);
        for (int index = 0; index < gpu->event_count; index++) {
            struct event *event = &gpu->events[index];
            if (event->serial <= device->told) continue;
            device->told = event->serial;
            memset(value, 0, sizeof *value);
            value->device = device;
            value->type = QUELL_NVML_EVENT_XID;
            value->data = event->xid;
            value->gpu_instance = event->instance;
            value->compute_instance = QUELL_NVML_NO_INSTANCE;
            return standin_leave(QUELL_NVML_SUCCESS);
        }
    }
    standin_leave(QUELL_NVML_SUCCESS);
    struct timespec rest = {timeout / 1000, (long)(timeout % 1000) * 1000000};
    if (timeout) nanosleep(&rest, NULL);
    return QUELL_NVML_TIMEOUT;
}
