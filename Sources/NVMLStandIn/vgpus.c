// vGPUs.
#include "model.h"
#include <stdio.h>
#include <string.h>

// Begins a call about a vGPU, and finds it.
static quell_nvml_return enter_vgpu(const char *function, quell_nvml_vgpu id, struct vgpu **vgpu) {
    char target[16];
    snprintf(target, sizeof target, "%u", id);
    quell_nvml_return code = standin_enter(function, target);
    if (code || !id) return code ? code : QUELL_NVML_INVALID_ARGUMENT;
    for (int place = 0; place < standin_host.gpu_count; place++) {
        struct gpu *gpu = &standin_host.gpus[place];
        for (int index = 0; index < gpu->vgpu_count; index++) {
            *vgpu = &gpu->vgpus[index];
            if ((*vgpu)->id == id) return QUELL_NVML_SUCCESS;
        }
    }
    return QUELL_NVML_NOT_FOUND;
}

quell_nvml_return nvmlDeviceGetActiveVgpus(quell_nvml_device device, unsigned int *count, quell_nvml_vgpu *ids) {
    struct gpu *gpu;
    quell_nvml_return code = standin_enter_gpu("nvmlDeviceGetActiveVgpus", device, &gpu);
    if (!code && !count) code = QUELL_NVML_INVALID_ARGUMENT;
    if (!code && !gpu->has_vgpus) code = QUELL_NVML_NOT_SUPPORTED;
    if (code) return standin_leave(code);
    unsigned int room = *count;
    *count = (unsigned int)gpu->vgpu_count;
    if (*count > room || (*count && !ids)) return standin_leave(QUELL_NVML_INSUFFICIENT_SIZE);
    for (unsigned int index = 0; index < *count; index++) ids[index] = gpu->vgpus[index].id;
    return standin_leave(QUELL_NVML_SUCCESS);
}

// A number as a value of a type.
static union quell_nvml_value value(double number, unsigned int kind) {
    union quell_nvml_value value;
    memset(&value, 0xff, sizeof value);
    switch (kind) {
    case QUELL_NVML_DOUBLE: value.real = number; break;
    case QUELL_NVML_UNSIGNED_INT: value.unsigned_int = (unsigned int)number; break;
    case QUELL_NVML_UNSIGNED_LONG: value.unsigned_long = (unsigned long)number; break;
    case QUELL_NVML_UNSIGNED_LONG_LONG: value.unsigned_long_long = (unsigned long long)number; break;
    case QUELL_NVML_SIGNED_LONG_LONG: value.signed_long_long = (long long)number; break;
    case QUELL_NVML_SIGNED_INT: value.signed_int = (int)number; break;
    case QUELL_NVML_UNSIGNED_SHORT: value.unsigned_short = (unsigned short)number; break;
    default: break;
    }
    return value;
}

quell_nvml_return nvmlDeviceGetVgpuUtilization(quell_nvml_device device, unsigned long long since, unsigned int *kind,
                                               unsigned int *count, struct quell_nvml_vgpu_sample *samples) {
    struct gpu *gpu;
    quell_nvml_return code = standin_enter_gpu("nvmlDeviceGetVgpuUtilization", device, &gpu);
    if (!code && (!kind || !count || (samples && !*count))) code = QUELL_NVML_INVALID_ARGUMENT;
    if (!code && (!gpu->has_vgpus || gpu->has_mig)) code = QUELL_NVML_NOT_SUPPORTED;
    if (code) return standin_leave(code);
    *kind = gpu->sample_kind;
    unsigned int room = samples ? *count : 0;
    *count = (unsigned int)gpu->vgpu_count;
    if (!*count) return standin_leave(QUELL_NVML_SUCCESS);
    if (*count > room) return standin_leave(QUELL_NVML_INSUFFICIENT_SIZE);
    *count = 0;
    for (int index = 0; index < gpu->vgpu_count; index++) {
        struct vgpu *vgpu = &gpu->vgpus[index];
        if (!vgpu->has_sample || vgpu->time <= since) continue;
        struct quell_nvml_vgpu_sample *sample = &samples[(*count)++];
        memset(sample, 0, sizeof *sample);
        sample->vgpu = vgpu->id;
        sample->time = vgpu->time;
        sample->sm = value(vgpu->sm, gpu->sample_kind);
        sample->memory = value(vgpu->memory_share, gpu->sample_kind);
    }
    return standin_leave(*count ? QUELL_NVML_SUCCESS : QUELL_NVML_NOT_FOUND);
}

// Hands a text over.
static quell_nvml_return give(const char *text, char *to, unsigned int size) {
    if (!to) return QUELL_NVML_INVALID_ARGUMENT;
    if (strlen(text) >= size) return QUELL_NVML_INSUFFICIENT_SIZE;
    strcpy(to, text);
    return QUELL_NVML_SUCCESS;
}

quell_nvml_return nvmlVgpuInstanceGetVmID(quell_nvml_vgpu id, char *text, unsigned int size, unsigned int *kind) {
    struct vgpu *vgpu;
    quell_nvml_return code = enter_vgpu("nvmlVgpuInstanceGetVmID", id, &vgpu);
    if (!code && !kind) code = QUELL_NVML_INVALID_ARGUMENT;
    if (!code) code = give(vgpu->vm, text, size);
    if (!code) *kind = vgpu->vm_kind;
    return standin_leave(code);
}

quell_nvml_return nvmlVgpuInstanceGetMdevUUID(quell_nvml_vgpu id, char *text, unsigned int size) {
    struct vgpu *vgpu;
    quell_nvml_return code = enter_vgpu("nvmlVgpuInstanceGetMdevUUID", id, &vgpu);
    if (!code && !*vgpu->mdev) code = QUELL_NVML_NOT_SUPPORTED;
    if (!code) code = give(vgpu->mdev, text, size);
    return standin_leave(code);
}

quell_nvml_return nvmlVgpuInstanceGetFbUsage(quell_nvml_vgpu id, unsigned long long *bytes) {
    struct vgpu *vgpu;
    quell_nvml_return code = enter_vgpu("nvmlVgpuInstanceGetFbUsage", id, &vgpu);
    if (!code && !bytes) code = QUELL_NVML_INVALID_ARGUMENT;
    if (!code && !vgpu->has_memory) code = QUELL_NVML_NOT_SUPPORTED;
    if (!code) *bytes = vgpu->memory;
    return standin_leave(code);
}

quell_nvml_return nvmlVgpuInstanceGetGpuInstanceId(quell_nvml_vgpu id, unsigned int *instance) {
    struct vgpu *vgpu;
    quell_nvml_return code = enter_vgpu("nvmlVgpuInstanceGetGpuInstanceId", id, &vgpu);
    if (!code && !instance) code = QUELL_NVML_INVALID_ARGUMENT;
    if (!code) *instance = vgpu->instance;
    return standin_leave(code);
}
