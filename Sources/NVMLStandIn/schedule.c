// How a GPU shares its time among vGPUs.
#include "model.h"
#include <stdio.h>

quell_nvml_return nvmlDeviceGetVgpuSchedulerState(quell_nvml_device device, struct quell_nvml_schedule *value) {
    struct gpu *gpu;
    quell_nvml_return code = standin_enter_gpu("nvmlDeviceGetVgpuSchedulerState", device, &gpu);
    if (!code && !value) code = QUELL_NVML_INVALID_ARGUMENT;
    if (!code && (!gpu->has_scheduler || gpu->has_mig)) code = QUELL_NVML_NOT_SUPPORTED;
    if (!code) *value = gpu->schedule;
    return standin_leave(code);
}

quell_nvml_return nvmlDeviceGetVgpuSchedulerCapabilities(quell_nvml_device device,
                                                         struct quell_nvml_schedule_bounds *value) {
    struct gpu *gpu;
    quell_nvml_return code = standin_enter_gpu("nvmlDeviceGetVgpuSchedulerCapabilities", device, &gpu);
    if (!code && !value) code = QUELL_NVML_INVALID_ARGUMENT;
    if (!code && (!gpu->has_scheduler || gpu->has_mig)) code = QUELL_NVML_NOT_SUPPORTED;
    if (!code) *value = gpu->bounds;
    return standin_leave(code);
}

quell_nvml_return nvmlDeviceSetVgpuSchedulerState(quell_nvml_device device, struct quell_nvml_schedule *value) {
    struct gpu *gpu;
    quell_nvml_return code = standin_enter_gpu("nvmlDeviceSetVgpuSchedulerState", device, &gpu);
    if (!code && !value) code = QUELL_NVML_INVALID_ARGUMENT;
    // As the driver does, it refuses while any vGPU is there.
    if (!code && (!gpu->has_scheduler || gpu->has_mig || gpu->vgpu_count)) code = QUELL_NVML_NOT_SUPPORTED;
    if (code) return standin_leave(code);
    int is_known = 0;
    for (int index = 0; index < 3; index++)
        if (gpu->bounds.policies[index] == value->policy && value->policy) is_known = 1;
    if (!is_known) return standin_leave(QUELL_NVML_INVALID_ARGUMENT);
    // With adaptive scheduling the frequency is set and the time slice told.
    unsigned int second = value->second;
    if (value->adaptive == QUELL_NVML_ARR_ENABLED && value->second) second = 1000000000u / value->second;
    char line[128];
    snprintf(line, sizeof line, "now-scheduler %s %u %u %u %u", gpu->address, value->policy, value->adaptive,
             value->first, second);
    standin_keep(line);
    return standin_leave(code);
}
