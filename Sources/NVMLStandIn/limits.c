// What of a GPU can be set.
#include "model.h"
#include <stdio.h>

quell_nvml_return nvmlDeviceGetPowerManagementLimit(quell_nvml_device device, unsigned int *value) {
    struct gpu *gpu;
    quell_nvml_return code = standin_enter_gpu("nvmlDeviceGetPowerManagementLimit", device, &gpu);
    if (!code && !value) code = QUELL_NVML_INVALID_ARGUMENT;
    if (!code && !gpu->has_limit) code = QUELL_NVML_NOT_SUPPORTED;
    if (!code) *value = gpu->limit;
    return standin_leave(code);
}

quell_nvml_return nvmlDeviceGetPowerManagementLimitConstraints(quell_nvml_device device, unsigned int *least,
                                                               unsigned int *most) {
    struct gpu *gpu;
    quell_nvml_return code = standin_enter_gpu("nvmlDeviceGetPowerManagementLimitConstraints", device, &gpu);
    if (!code && (!least || !most)) code = QUELL_NVML_INVALID_ARGUMENT;
    if (!code && !gpu->has_limit) code = QUELL_NVML_NOT_SUPPORTED;
    if (!code) {
        *least = gpu->least_limit;
        *most = gpu->most_limit;
    }
    return standin_leave(code);
}

quell_nvml_return nvmlDeviceGetPowerManagementDefaultLimit(quell_nvml_device device, unsigned int *value) {
    struct gpu *gpu;
    quell_nvml_return code = standin_enter_gpu("nvmlDeviceGetPowerManagementDefaultLimit", device, &gpu);
    if (!code && !value) code = QUELL_NVML_INVALID_ARGUMENT;
    if (!code && !gpu->has_limit) code = QUELL_NVML_NOT_SUPPORTED;
    if (!code) *value = gpu->usual_limit;
    return standin_leave(code);
}

quell_nvml_return nvmlDeviceSetPowerManagementLimit(quell_nvml_device device, unsigned int value) {
    struct gpu *gpu;
    quell_nvml_return code = standin_enter_gpu("nvmlDeviceSetPowerManagementLimit", device, &gpu);
    if (!code && !gpu->has_limit) code = QUELL_NVML_NOT_SUPPORTED;
    if (!code && (value < gpu->least_limit || value > gpu->most_limit)) code = QUELL_NVML_INVALID_ARGUMENT;
    if (!code) {
        char line[128];
        snprintf(line, sizeof line, "now-limit %s %u", gpu->address, value);
        standin_keep(line);
    }
    return standin_leave(code);
}

// The clock of a kind, usual or set.
static quell_nvml_return clock(const char *function, quell_nvml_device device, unsigned int kind, int is_usual,
                               unsigned int *value) {
    struct gpu *gpu;
    quell_nvml_return code = standin_enter_gpu(function, device, &gpu);
    if (!code && (!value || (kind != QUELL_NVML_CLOCK_GRAPHICS && kind != QUELL_NVML_CLOCK_MEMORY)))
        code = QUELL_NVML_INVALID_ARGUMENT;
    if (!code && !gpu->has_clocks) code = QUELL_NVML_NOT_SUPPORTED;
    if (code) return standin_leave(code);
    if (kind == QUELL_NVML_CLOCK_MEMORY) *value = is_usual ? gpu->usual_memory_clock : gpu->memory_clock;
    else *value = is_usual ? gpu->usual_graphics_clock : gpu->graphics_clock;
    return standin_leave(code);
}

quell_nvml_return nvmlDeviceGetApplicationsClock(quell_nvml_device device, unsigned int kind, unsigned int *value) {
    return clock("nvmlDeviceGetApplicationsClock", device, kind, 0, value);
}

quell_nvml_return nvmlDeviceGetDefaultApplicationsClock(quell_nvml_device device, unsigned int kind,
                                                        unsigned int *value) {
    return clock("nvmlDeviceGetDefaultApplicationsClock", device, kind, 1, value);
}

quell_nvml_return nvmlDeviceGetSupportedGraphicsClocks(quell_nvml_device device, unsigned int memory,
                                                       unsigned int *count, unsigned int *clocks) {
    struct gpu *gpu;
    quell_nvml_return code = standin_enter_gpu("nvmlDeviceGetSupportedGraphicsClocks", device, &gpu);
    if (!code && !count) code = QUELL_NVML_INVALID_ARGUMENT;
    if (!code && !gpu->has_clocks) code = QUELL_NVML_NOT_SUPPORTED;
    if (!code && memory != gpu->usual_memory_clock) code = QUELL_NVML_NOT_FOUND;
    if (code) return standin_leave(code);
    unsigned int room = clocks ? *count : 0;
    *count = (unsigned int)gpu->clock_count;
    if (*count > room) return standin_leave(QUELL_NVML_INSUFFICIENT_SIZE);
    for (unsigned int index = 0; index < *count; index++) clocks[index] = gpu->clocks[index];
    return standin_leave(QUELL_NVML_SUCCESS);
}

quell_nvml_return nvmlDeviceSetApplicationsClocks(quell_nvml_device device, unsigned int memory,
                                                  unsigned int graphics) {
    struct gpu *gpu;
    quell_nvml_return code = standin_enter_gpu("nvmlDeviceSetApplicationsClocks", device, &gpu);
    if (!code && !gpu->has_clocks) code = QUELL_NVML_NOT_SUPPORTED;
    if (code) return standin_leave(code);
    code = QUELL_NVML_INVALID_ARGUMENT;
    for (int index = 0; memory == gpu->usual_memory_clock && index < gpu->clock_count; index++)
        if (gpu->clocks[index] == graphics) code = QUELL_NVML_SUCCESS;
    if (!code) {
        char line[128];
        snprintf(line, sizeof line, "now-clocks %s %u %u", gpu->address, memory, graphics);
        standin_keep(line);
    }
    return standin_leave(code);
}

quell_nvml_return nvmlDeviceResetApplicationsClocks(quell_nvml_device device) {
    struct gpu *gpu;
    quell_nvml_return code = standin_enter_gpu("nvmlDeviceResetApplicationsClocks", device, &gpu);
    if (!code && !gpu->has_clocks) code = QUELL_NVML_NOT_SUPPORTED;
    if (!code) {
        char line[128];
        snprintf(line, sizeof line, "now-clocks %s %u %u # reset", gpu->address, gpu->usual_memory_clock,
                 gpu->usual_graphics_clock);
        standin_keep(line);
    }
    return standin_leave(code);
}
