// The part of NVML's ABI that Quell calls, declared after NVIDIA's public API reference.
//
// NVML is loaded at run time, so there is no header of it to build with. Every function that is called is looked up by
// its versioned name and may be missing: the library belongs to the driver, and old drivers have fewer of them. Sizes and
// places of members are asserted with the numbers of the 64-bit ABI, which no release has changed.
#ifndef QUELL_NVML_H
#define QUELL_NVML_H

#include <dlfcn.h>
#include <stddef.h>

// A GPU, or one MIG device of it (nvmlDevice_t).
typedef struct quell_nvml_device_object *quell_nvml_device;
// Events that are waited for (nvmlEventSet_t).
typedef struct quell_nvml_event_set_object *quell_nvml_event_set;
// A vGPU that runs (nvmlVgpuInstance_t).
typedef unsigned int quell_nvml_vgpu;
// What a call gives back (nvmlReturn_t, an enumeration without negative members).
typedef unsigned int quell_nvml_return;

// nvmlReturn_t: the members that Quell tells apart.
enum {
    QUELL_NVML_SUCCESS = 0,
    QUELL_NVML_UNINITIALIZED = 1,
    QUELL_NVML_INVALID_ARGUMENT = 2,
    QUELL_NVML_NOT_SUPPORTED = 3,
    QUELL_NVML_NO_PERMISSION = 4,
    QUELL_NVML_NOT_FOUND = 6,
    QUELL_NVML_INSUFFICIENT_SIZE = 7,
    QUELL_NVML_DRIVER_NOT_LOADED = 9,
    QUELL_NVML_TIMEOUT = 10,
    QUELL_NVML_FUNCTION_NOT_FOUND = 13,
    QUELL_NVML_GPU_IS_LOST = 15,
    QUELL_NVML_RESET_REQUIRED = 16,
    QUELL_NVML_VERSION_MISMATCH = 18,
    QUELL_NVML_ARGUMENT_VERSION_MISMATCH = 25,
    QUELL_NVML_DEPRECATED = 26,
    QUELL_NVML_GPU_NOT_FOUND = 28,
    QUELL_NVML_UNKNOWN = 999,
};

enum {
    // nvmlMemoryErrorType_t, nvmlEccCounterType_t: errors that were not corrected, since the driver was loaded.
    QUELL_NVML_UNCORRECTED = 1,
    QUELL_NVML_VOLATILE = 0,
    // nvmlPcieUtilCounter_t.
    QUELL_NVML_PCIE_TX = 0,
    QUELL_NVML_PCIE_RX = 1,
    // nvmlVgpuVmIdType_t.
    QUELL_NVML_VM_ID_DOMAIN = 0,
    QUELL_NVML_VM_ID_UUID = 1,
    // NVML_DEVICE_UUID_BUFFER_SIZE: room for a VM's or a mediated device's UUID.
    QUELL_NVML_UUID_SIZE = 80,
    // NVML_DEVICE_MIG_ENABLE.
    QUELL_NVML_MIG_ENABLED = 1,
};

// INVALID_GPU_INSTANCE_ID: a vGPU that no MIG instance backs, or an event of the whole device.
#define QUELL_NVML_NO_INSTANCE 0xffffffffu

// nvmlEventTypeXidCriticalError.
#define QUELL_NVML_EVENT_XID 0x8ull

// nvmlClocksEventReason…: the two that hold nothing down, and those that say why the hardware slows down.
#define QUELL_NVML_REASON_IDLE 0x1ull
#define QUELL_NVML_REASON_APPLICATION_CLOCKS 0x2ull
#define QUELL_NVML_REASON_HW_SLOWDOWN 0x8ull
#define QUELL_NVML_REASON_HW_THERMAL 0x40ull
#define QUELL_NVML_REASON_HW_POWER_BRAKE 0x80ull

// nvmlUtilization_t: percent of the last sample period.
struct quell_nvml_utilization {
    unsigned int gpu;
    unsigned int memory;
};
_Static_assert(sizeof(struct quell_nvml_utilization) == 8, "nvmlUtilization_t");
_Static_assert(offsetof(struct quell_nvml_utilization, memory) == 4, "nvmlUtilization_t");

// nvmlMemory_t: bytes; what is used counts what the driver keeps for itself.
struct quell_nvml_memory {
    unsigned long long total;
    unsigned long long free;
    unsigned long long used;
};
_Static_assert(sizeof(struct quell_nvml_memory) == 24, "nvmlMemory_t");
_Static_assert(offsetof(struct quell_nvml_memory, used) == 16, "nvmlMemory_t");

// nvmlMemory_v2_t: bytes; what the driver keeps for itself is apart.
struct quell_nvml_memory_v2 {
    unsigned int version;
    unsigned long long total;
    unsigned long long reserved;
    unsigned long long free;
    unsigned long long used;
};
_Static_assert(sizeof(struct quell_nvml_memory_v2) == 40, "nvmlMemory_v2_t");
_Static_assert(offsetof(struct quell_nvml_memory_v2, total) == 8, "nvmlMemory_v2_t");
_Static_assert(offsetof(struct quell_nvml_memory_v2, used) == 32, "nvmlMemory_v2_t");

// nvmlMemory_v2, which NVML makes of the size and the version (NVML_STRUCT_VERSION).
#define QUELL_NVML_MEMORY_V2 0x02000028u
_Static_assert(QUELL_NVML_MEMORY_V2 == (sizeof(struct quell_nvml_memory_v2) | 2u << 24), "nvmlMemory_v2");

// nvmlEventData_t: one event, with the Xid for its data.
struct quell_nvml_event {
    quell_nvml_device device;
    unsigned long long type;
    unsigned long long data;
    unsigned int gpu_instance;
    unsigned int compute_instance;
};
_Static_assert(sizeof(struct quell_nvml_event) == 32, "nvmlEventData_t");
_Static_assert(offsetof(struct quell_nvml_event, type) == 8, "nvmlEventData_t");
_Static_assert(offsetof(struct quell_nvml_event, data) == 16, "nvmlEventData_t");
_Static_assert(offsetof(struct quell_nvml_event, gpu_instance) == 24, "nvmlEventData_t");
_Static_assert(offsetof(struct quell_nvml_event, compute_instance) == 28, "nvmlEventData_t");

// nvmlValueType_t.
enum {
    QUELL_NVML_DOUBLE = 0,
    QUELL_NVML_UNSIGNED_INT = 1,
    QUELL_NVML_UNSIGNED_LONG = 2,
    QUELL_NVML_UNSIGNED_LONG_LONG = 3,
    QUELL_NVML_SIGNED_LONG_LONG = 4,
    QUELL_NVML_SIGNED_INT = 5,
    QUELL_NVML_UNSIGNED_SHORT = 6,
};

// nvmlValue_t: a number of the type that comes with it.
union quell_nvml_value {
    double real;
    int signed_int;
    unsigned int unsigned_int;
    unsigned long unsigned_long;
    unsigned long long unsigned_long_long;
    signed long long signed_long_long;
    unsigned short unsigned_short;
};
_Static_assert(sizeof(union quell_nvml_value) == 8, "nvmlValue_t");

// nvmlVgpuInstanceUtilizationSample_t: microseconds since 1970, and percent.
struct quell_nvml_vgpu_sample {
    quell_nvml_vgpu vgpu;
    unsigned long long time;
    union quell_nvml_value sm;
    union quell_nvml_value memory;
    union quell_nvml_value encoder;
    union quell_nvml_value decoder;
};
_Static_assert(sizeof(struct quell_nvml_vgpu_sample) == 48, "nvmlVgpuInstanceUtilizationSample_t");
_Static_assert(offsetof(struct quell_nvml_vgpu_sample, time) == 8, "nvmlVgpuInstanceUtilizationSample_t");
_Static_assert(offsetof(struct quell_nvml_vgpu_sample, sm) == 16, "nvmlVgpuInstanceUtilizationSample_t");
_Static_assert(offsetof(struct quell_nvml_vgpu_sample, memory) == 24, "nvmlVgpuInstanceUtilizationSample_t");
_Static_assert(offsetof(struct quell_nvml_vgpu_sample, decoder) == 40, "nvmlVgpuInstanceUtilizationSample_t");

// nvmlClockType_t.
enum {
    QUELL_NVML_CLOCK_GRAPHICS = 0,
    QUELL_NVML_CLOCK_MEMORY = 2,
};

// NVML_VGPU_SCHEDULER_POLICY_…, NVML_VGPU_SCHEDULER_ARR_….
enum {
    QUELL_NVML_BEST_EFFORT = 1,
    QUELL_NVML_EQUAL_SHARE = 2,
    QUELL_NVML_FIXED_SHARE = 3,
    QUELL_NVML_ARR_DEFAULT = 0,
    QUELL_NVML_ARR_DISABLED = 1,
    QUELL_NVML_ARR_ENABLED = 2,
};

// nvmlVgpuSchedulerGetState_t and nvmlVgpuSchedulerSetState_t, with their unions of parameters spelled out: with adaptive
// round robin the averaging factor, then the time slice in nanoseconds (told) or the frequency in hertz (set); without
// it the time slice in the first place.
struct quell_nvml_schedule {
    unsigned int policy;
    unsigned int adaptive;
    unsigned int first;
    unsigned int second;
};
_Static_assert(sizeof(struct quell_nvml_schedule) == 16, "nvmlVgpuSchedulerGetState_t");
_Static_assert(offsetof(struct quell_nvml_schedule, first) == 8, "nvmlVgpuSchedulerGetState_t");

// nvmlVgpuSchedulerCapabilities_t: the policies that there are, 0 for none, and the bounds of their parameters.
struct quell_nvml_schedule_bounds {
    unsigned int policies[3];
    unsigned int most_slice;
    unsigned int least_slice;
    unsigned int has_adaptive;
    unsigned int most_frequency;
    unsigned int least_frequency;
    unsigned int most_factor;
    unsigned int least_factor;
};
_Static_assert(sizeof(struct quell_nvml_schedule_bounds) == 40, "nvmlVgpuSchedulerCapabilities_t");
_Static_assert(offsetof(struct quell_nvml_schedule_bounds, most_slice) == 12, "nvmlVgpuSchedulerCapabilities_t");
_Static_assert(offsetof(struct quell_nvml_schedule_bounds, least_factor) == 36, "nvmlVgpuSchedulerCapabilities_t");

// The functions that Quell calls; each is null where the library does not have it.
struct quell_nvml_calls {
    quell_nvml_return (*initialize)(void);
    quell_nvml_return (*shut_down)(void);
    const char *(*error_string)(quell_nvml_return);
    quell_nvml_return (*device_by_address)(const char *, quell_nvml_device *);
    quell_nvml_return (*utilization)(quell_nvml_device, struct quell_nvml_utilization *);
    quell_nvml_return (*memory)(quell_nvml_device, struct quell_nvml_memory *);
    quell_nvml_return (*memory_v2)(quell_nvml_device, struct quell_nvml_memory_v2 *);
    quell_nvml_return (*power)(quell_nvml_device, unsigned int *);
    quell_nvml_return (*clock_reasons)(quell_nvml_device, unsigned long long *);
    quell_nvml_return (*ecc_errors)(quell_nvml_device, unsigned int, unsigned int, unsigned long long *);
    quell_nvml_return (*pcie_throughput)(quell_nvml_device, unsigned int, unsigned int *);
    quell_nvml_return (*mig_mode)(quell_nvml_device, unsigned int *, unsigned int *);
    quell_nvml_return (*mig_count)(quell_nvml_device, unsigned int *);
    quell_nvml_return (*mig_device)(quell_nvml_device, unsigned int, quell_nvml_device *);
    quell_nvml_return (*gpu_instance)(quell_nvml_device, unsigned int *);
    quell_nvml_return (*event_set)(quell_nvml_event_set *);
    quell_nvml_return (*free_event_set)(quell_nvml_event_set);
    quell_nvml_return (*register_events)(quell_nvml_device, unsigned long long, quell_nvml_event_set);
    quell_nvml_return (*next_event)(quell_nvml_event_set, struct quell_nvml_event *, unsigned int);
    quell_nvml_return (*vgpus)(quell_nvml_device, unsigned int *, quell_nvml_vgpu *);
    quell_nvml_return (*vgpu_samples)(quell_nvml_device, unsigned long long, unsigned int *, unsigned int *,
                                      struct quell_nvml_vgpu_sample *);
    quell_nvml_return (*vgpu_vm)(quell_nvml_vgpu, char *, unsigned int, unsigned int *);
    quell_nvml_return (*vgpu_mdev)(quell_nvml_vgpu, char *, unsigned int);
    quell_nvml_return (*vgpu_memory)(quell_nvml_vgpu, unsigned long long *);
    quell_nvml_return (*vgpu_instance)(quell_nvml_vgpu, unsigned int *);
    quell_nvml_return (*power_limit)(quell_nvml_device, unsigned int *);
    quell_nvml_return (*power_bounds)(quell_nvml_device, unsigned int *, unsigned int *);
    quell_nvml_return (*usual_power_limit)(quell_nvml_device, unsigned int *);
    quell_nvml_return (*set_power_limit)(quell_nvml_device, unsigned int);
    quell_nvml_return (*clock)(quell_nvml_device, unsigned int, unsigned int *);
    quell_nvml_return (*usual_clock)(quell_nvml_device, unsigned int, unsigned int *);
    quell_nvml_return (*graphics_clocks)(quell_nvml_device, unsigned int, unsigned int *, unsigned int *);
    quell_nvml_return (*set_clocks)(quell_nvml_device, unsigned int, unsigned int);
    quell_nvml_return (*reset_clocks)(quell_nvml_device);
    quell_nvml_return (*schedule)(quell_nvml_device, struct quell_nvml_schedule *);
    quell_nvml_return (*schedule_bounds)(quell_nvml_device, struct quell_nvml_schedule_bounds *);
    quell_nvml_return (*set_schedule)(quell_nvml_device, struct quell_nvml_schedule *);
};

// Looks all functions up in an open library. Here rather than in Swift, so that each name stands beside its type.
static inline struct quell_nvml_calls quell_nvml_resolve(void *library) {
    struct quell_nvml_calls calls;
    *(void **)&calls.initialize = dlsym(library, "nvmlInit_v2");
    *(void **)&calls.shut_down = dlsym(library, "nvmlShutdown");
    *(void **)&calls.error_string = dlsym(library, "nvmlErrorString");
    *(void **)&calls.device_by_address = dlsym(library, "nvmlDeviceGetHandleByPciBusId_v2");
    *(void **)&calls.utilization = dlsym(library, "nvmlDeviceGetUtilizationRates");
    *(void **)&calls.memory = dlsym(library, "nvmlDeviceGetMemoryInfo");
    *(void **)&calls.memory_v2 = dlsym(library, "nvmlDeviceGetMemoryInfo_v2");
    *(void **)&calls.power = dlsym(library, "nvmlDeviceGetPowerUsage");
    *(void **)&calls.clock_reasons = dlsym(library, "nvmlDeviceGetCurrentClocksEventReasons");
    if (!calls.clock_reasons) // Its name before release 535.
        *(void **)&calls.clock_reasons = dlsym(library, "nvmlDeviceGetCurrentClocksThrottleReasons");
    *(void **)&calls.ecc_errors = dlsym(library, "nvmlDeviceGetTotalEccErrors");
    *(void **)&calls.pcie_throughput = dlsym(library, "nvmlDeviceGetPcieThroughput");
    *(void **)&calls.mig_mode = dlsym(library, "nvmlDeviceGetMigMode");
    *(void **)&calls.mig_count = dlsym(library, "nvmlDeviceGetMaxMigDeviceCount");
    *(void **)&calls.mig_device = dlsym(library, "nvmlDeviceGetMigDeviceHandleByIndex");
    *(void **)&calls.gpu_instance = dlsym(library, "nvmlDeviceGetGpuInstanceId");
    *(void **)&calls.event_set = dlsym(library, "nvmlEventSetCreate");
    *(void **)&calls.free_event_set = dlsym(library, "nvmlEventSetFree");
    *(void **)&calls.register_events = dlsym(library, "nvmlDeviceRegisterEvents");
    *(void **)&calls.next_event = dlsym(library, "nvmlEventSetWait_v2");
    *(void **)&calls.vgpus = dlsym(library, "nvmlDeviceGetActiveVgpus");
    *(void **)&calls.vgpu_samples = dlsym(library, "nvmlDeviceGetVgpuUtilization");
    *(void **)&calls.vgpu_vm = dlsym(library, "nvmlVgpuInstanceGetVmID");
    *(void **)&calls.vgpu_mdev = dlsym(library, "nvmlVgpuInstanceGetMdevUUID");
    *(void **)&calls.vgpu_memory = dlsym(library, "nvmlVgpuInstanceGetFbUsage");
    *(void **)&calls.vgpu_instance = dlsym(library, "nvmlVgpuInstanceGetGpuInstanceId");
    *(void **)&calls.power_limit = dlsym(library, "nvmlDeviceGetPowerManagementLimit");
    *(void **)&calls.power_bounds = dlsym(library, "nvmlDeviceGetPowerManagementLimitConstraints");
    *(void **)&calls.usual_power_limit = dlsym(library, "nvmlDeviceGetPowerManagementDefaultLimit");
    *(void **)&calls.set_power_limit = dlsym(library, "nvmlDeviceSetPowerManagementLimit");
    *(void **)&calls.clock = dlsym(library, "nvmlDeviceGetApplicationsClock");
    *(void **)&calls.usual_clock = dlsym(library, "nvmlDeviceGetDefaultApplicationsClock");
    *(void **)&calls.graphics_clocks = dlsym(library, "nvmlDeviceGetSupportedGraphicsClocks");
    *(void **)&calls.set_clocks = dlsym(library, "nvmlDeviceSetApplicationsClocks");
    *(void **)&calls.reset_clocks = dlsym(library, "nvmlDeviceResetApplicationsClocks");
    *(void **)&calls.schedule = dlsym(library, "nvmlDeviceGetVgpuSchedulerState");
    *(void **)&calls.schedule_bounds = dlsym(library, "nvmlDeviceGetVgpuSchedulerCapabilities");
    *(void **)&calls.set_schedule = dlsym(library, "nvmlDeviceSetVgpuSchedulerState");
    return calls;
}

#endif
