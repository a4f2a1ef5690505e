// GPU instances.
#include "model.h"

quell_nvml_return nvmlDeviceGetMigMode(quell_nvml_device device, unsigned int *mode, unsigned int *pending) {
    struct gpu *gpu;
    quell_nvml_return code = standin_enter_gpu("nvmlDeviceGetMigMode", device, &gpu);
    if (!code && (!mode || !pending)) code = QUELL_NVML_INVALID_ARGUMENT;
    if (!code) *mode = *pending = gpu->has_mig ? QUELL_NVML_MIG_ENABLED : 0;
    return standin_leave(code);
}

quell_nvml_return nvmlDeviceGetMaxMigDeviceCount(quell_nvml_device device, unsigned int *count) {
    struct gpu *gpu;
    quell_nvml_return code = standin_enter_gpu("nvmlDeviceGetMaxMigDeviceCount", device, &gpu);
    if (!code && !count) code = QUELL_NVML_INVALID_ARGUMENT;
    // One place more than there are MIG devices, as a GPU that is not fully divided has.
    if (!code) *count = gpu->has_mig ? (unsigned int)gpu->instance_count + 1 : 0;
    return standin_leave(code);
}

quell_nvml_return nvmlDeviceGetMigDeviceHandleByIndex(quell_nvml_device device, unsigned int index,
                                                      quell_nvml_device *part) {
    struct gpu *gpu;
    quell_nvml_return code = standin_enter_gpu("nvmlDeviceGetMigDeviceHandleByIndex", device, &gpu);
    if (!code && !part) code = QUELL_NVML_INVALID_ARGUMENT;
    // The first place is the empty one.
    if (!code && (index == 0 || index > (unsigned int)gpu->instance_count)) code = QUELL_NVML_NOT_FOUND;
    if (!code) *part = standin_handle(gpu->address, gpu->instances[index - 1].id);
    return standin_leave(code);
}

quell_nvml_return nvmlDeviceGetGpuInstanceId(quell_nvml_device device, unsigned int *id) {
    struct gpu *gpu;
    quell_nvml_return code = standin_enter_gpu("nvmlDeviceGetGpuInstanceId", device, &gpu);
    if (!code && (!id || device->instance == QUELL_NVML_NO_INSTANCE)) code = QUELL_NVML_INVALID_ARGUMENT;
    if (!code) *id = device->instance;
    return standin_leave(code);
}
