// What the script says, and what the library keeps between calls.
#ifndef NVML_STANDIN_MODEL_H
#define NVML_STANDIN_MODEL_H

#include "quell_nvml.h"

enum { MOST_GPUS = 16, MOST_VGPUS = 32, MOST_INSTANCES = 8, MOST_EVENTS = 64, MOST_FAULTS = 32, MOST_CLOCKS = 16 };

struct vgpu {
    unsigned int id;
    char mdev[QUELL_NVML_UUID_SIZE];
    char vm[QUELL_NVML_UUID_SIZE];
    unsigned int vm_kind;
    int has_memory;
    unsigned long long memory;
    unsigned int instance;
    int has_sample;
    unsigned long long time;
    double sm, memory_share;
};

struct instance {
    unsigned int id;
    unsigned long long used;
};

struct event {
    unsigned long long serial, xid;
    unsigned int instance;
};

struct gpu {
    char address[32];
    int is_lost, has_utilization, has_memory, has_power, has_reasons, has_ecc, has_pcie, has_events, has_mig, has_vgpus;
    struct quell_nvml_utilization utilization;
    unsigned long long total, reserved, free, used;
    unsigned int power, rx, tx;
    unsigned long long reasons, ecc;
    int instance_count, vgpu_count, event_count;
    struct instance instances[MOST_INSTANCES];
    struct vgpu vgpus[MOST_VGPUS];
    struct event events[MOST_EVENTS];
    unsigned int sample_kind;
    int has_limit, has_clocks, has_scheduler, clock_count;
    unsigned int limit, least_limit, most_limit, usual_limit;
    unsigned int memory_clock, graphics_clock, usual_memory_clock, usual_graphics_clock;
    // The graphics clocks that go with the usual memory clock.
    unsigned int clocks[MOST_CLOCKS];
    struct quell_nvml_schedule schedule;
    struct quell_nvml_schedule_bounds bounds;
};

struct fault {
    char function[64];
    char target[32];
    quell_nvml_return code;
    unsigned int delay;
};

struct host {
    quell_nvml_return init;
    int gpu_count, fault_count;
    struct gpu gpus[MOST_GPUS];
    struct fault faults[MOST_FAULTS];
};

// A GPU that was attached, or a MIG device of one: what a handle points to.
struct quell_nvml_device_object {
    char address[32];
    unsigned int instance;
    int is_registered;
    // The serial of the latest event that was told.
    unsigned long long told;
};

// What is shared by the files of the library and hidden from others.
#pragma GCC visibility push(hidden)

// The host as the script describes it now; valid between `enter` and `leave`.
extern struct host standin_host;

// Where the script is.
const char *standin_script(void);
// Keeps a line of the script that a call has made, which outlives the library as the hardware's state does.
void standin_keep(const char *line);
// Adds a line to the log.
void standin_log(const char *word, const char *argument);
// Reads the script into `standin_host`; 0, or the number of the line that makes no sense.
int standin_read(void);

// Begins a call of a function about a target: takes the lock, reads the script, waits and fails as it says.
quell_nvml_return standin_enter(const char *function, const char *target);
// Ends a call.
quell_nvml_return standin_leave(quell_nvml_return code);
// Begins a call about a GPU, and finds it.
quell_nvml_return standin_enter_gpu(const char *function, quell_nvml_device handle, struct gpu **gpu);
// A handle for a GPU or a MIG device, the same one each time.
quell_nvml_device standin_handle(const char *address, unsigned int instance);

#pragma GCC visibility pop

#endif
