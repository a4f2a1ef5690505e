// What a GPU tells of itself.
#include "model.h"

quell_nvml_return nvmlDeviceGetUtilizationRates(quell_nvml_device device, struct quell_nvml_utilization *value) {
    struct gpu *gpu;
    quell_nvml_return code = standin_enter_gpu("nvmlDeviceGetUtilizationRates", device, &gpu);
    if (!code && !value) code = QUELL_NVML_INVALID_ARGUMENT;
    if (!code && (!gpu->has_utilization || gpu->has_mig)) code = QUELL_NVML_NOT_SUPPORTED;
    if (!code) *value = gpu->utilization;
    return standin_leave(code);
}

// The bytes used of a GPU, or of the GPU instance that a MIG device is of.
static quell_nvml_return used(struct gpu *gpu, quell_nvml_device device, unsigned long long *used) {
    *used = gpu->used;
    if (device->instance == QUELL_NVML_NO_INSTANCE) return gpu->has_memory ? 0 : QUELL_NVML_NOT_SUPPORTED;
    for (int index = 0; index < gpu->instance_count; index++) {
        *used = gpu->instances[index].used;
        if (gpu->instances[index].id == device->instance) return 0;
    }
    return QUELL_NVML_INVALID_ARGUMENT;
}

quell_nvml_return nvmlDeviceGetMemoryInfo(quell_nvml_device device, struct quell_nvml_memory *value) {
    struct gpu *gpu;
    unsigned long long bytes = 0;
    quell_nvml_return code = standin_enter_gpu("nvmlDeviceGetMemoryInfo", device, &gpu);
    if (!code && !value) code = QUELL_NVML_INVALID_ARGUMENT;
    if (!code) code = used(gpu, device, &bytes);
    if (!code) {
        value->total = gpu->total;
        value->free = gpu->free;
        value->used = bytes + (device->instance == QUELL_NVML_NO_INSTANCE ? gpu->reserved : 0);
    }
    return standin_leave(code);
}

quell_nvml_return nvmlDeviceGetPowerUsage(quell_nvml_device device, unsigned int *value) {
    struct gpu *gpu;
    quell_nvml_return code = standin_enter_gpu("nvmlDeviceGetPowerUsage", device, &gpu);
    if (!code && !value) code = QUELL_NVML_INVALID_ARGUMENT;
    if (!code && !gpu->has_power) code = QUELL_NVML_NOT_SUPPORTED;
    if (!code) *value = gpu->power;
    return standin_leave(code);
}

quell_nvml_return nvmlDeviceGetCurrentClocksThrottleReasons(quell_nvml_device device, unsigned long long *value) {
    struct gpu *gpu;
    quell_nvml_return code = standin_enter_gpu("nvmlDeviceGetCurrentClocksThrottleReasons", device, &gpu);
    if (!code && !value) code = QUELL_NVML_INVALID_ARGUMENT;
    if (!code && !gpu->has_reasons) code = QUELL_NVML_NOT_SUPPORTED;
    if (!code) *value = gpu->reasons;
    return standin_leave(code);
}

quell_nvml_return nvmlDeviceGetTotalEccErrors(quell_nvml_device device, unsigned int kind, unsigned int since,
                                              unsigned long long *value) {
    struct gpu *gpu;
    quell_nvml_return code = standin_enter_gpu("nvmlDeviceGetTotalEccErrors", device, &gpu);
    if (!code && (!value || kind > 1 || since > 1)) code = QUELL_NVML_INVALID_ARGUMENT;
    if (!code && !gpu->has_ecc) code = QUELL_NVML_NOT_SUPPORTED;
    // Errors that were corrected, and those of the GPU's whole life, are others: a caller that mixes them up shows.
    if (!code) *value = kind == QUELL_NVML_UNCORRECTED && since == QUELL_NVML_VOLATILE ? gpu->ecc : 1000000 + gpu->ecc * 7;
    return standin_leave(code);
}

quell_nvml_return nvmlDeviceGetPcieThroughput(quell_nvml_device device, unsigned int counter, unsigned int *value) {
    struct gpu *gpu;
    quell_nvml_return code = standin_enter_gpu("nvmlDeviceGetPcieThroughput", device, &gpu);
    if (!code && (!value || counter > 1)) code = QUELL_NVML_INVALID_ARGUMENT;
    if (!code && !gpu->has_pcie) code = QUELL_NVML_NOT_SUPPORTED;
    if (!code) *value = counter == QUELL_NVML_PCIE_RX ? gpu->rx : gpu->tx;
    return standin_leave(code);
}

#ifndef NVML_STANDIN_OLD

quell_nvml_return nvmlDeviceGetMemoryInfo_v2(quell_nvml_device device, struct quell_nvml_memory_v2 *value) {
    struct gpu *gpu;
    unsigned long long bytes = 0;
    quell_nvml_return code = standin_enter_gpu("nvmlDeviceGetMemoryInfo_v2", device, &gpu);
    if (!code && !value) code = QUELL_NVML_INVALID_ARGUMENT;
    if (!code && value->version != QUELL_NVML_MEMORY_V2) code = QUELL_NVML_ARGUMENT_VERSION_MISMATCH;
    if (!code) code = used(gpu, device, &bytes);
    if (!code) {
        value->total = gpu->total;
        value->reserved = gpu->reserved;
        value->free = gpu->free;
        value->used = bytes;
    }
    return standin_leave(code);
}

quell_nvml_return nvmlDeviceGetCurrentClocksEventReasons(quell_nvml_device device, unsigned long long *value) {
    struct gpu *gpu;
    quell_nvml_return code = standin_enter_gpu("nvmlDeviceGetCurrentClocksEventReasons", device, &gpu);
    if (!code && !value) code = QUELL_NVML_INVALID_ARGUMENT;
    if (!code && !gpu->has_reasons) code = QUELL_NVML_NOT_SUPPORTED;
    if (!code) *value = gpu->reasons;
    return standin_leave(code);
}

#endif
