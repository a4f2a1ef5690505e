// Reads the script.
#define _GNU_SOURCE
#include "model.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct host standin_host;

const char *standin_script(void) {
    static char path[4096];
    const char *named = getenv("NVML_STANDIN_SCRIPT");
    if (named) return named;
    Dl_info info;
    if (!dladdr((void *)standin_script, &info) || !info.dli_fname) return "";
    snprintf(path, sizeof path, "%s.script", info.dli_fname);
    return path;
}

void standin_log(const char *word, const char *argument) {
    char path[4096];
    snprintf(path, sizeof path, "%s.log", standin_script());
    FILE *file = fopen(path, "ae");
    if (!file) return;
    fprintf(file, argument ? "%s %s\n" : "%s\n", word, argument);
    fclose(file);
}

void standin_keep(const char *line) {
    char path[4096];
    snprintf(path, sizeof path, "%s.state", standin_script());
    FILE *file = fopen(path, "ae");
    if (!file) return;
    fprintf(file, "%s\n", line);
    fclose(file);
}

// The number of a code's name, or the number that it is.
static quell_nvml_return code(const char *name) {
    static const struct {
        const char *name;
        quell_nvml_return code;
    } codes[] = {
        {"success", 0}, {"uninitialized", 1}, {"invalid_argument", 2}, {"not_supported", 3}, {"no_permission", 4},
        {"not_found", 6}, {"insufficient_size", 7}, {"driver_not_loaded", 9}, {"timeout", 10}, {"gpu_is_lost", 15},
        {"version_mismatch", 18}, {"unknown", 999},
    };
    for (size_t index = 0; index < sizeof codes / sizeof *codes; index++)
        if (!strcmp(codes[index].name, name)) return codes[index].code;
    return (quell_nvml_return)strtoul(name, NULL, 0);
}

static unsigned long long number(const char *text) { return strtoull(text, NULL, 0); }

static void copy(char *to, const char *from, size_t size) { snprintf(to, size, "%s", from); }

// Takes a line about a vGPU; 0 where it is none.
static int take_vgpu_line(struct gpu *gpu, char **words, int count) {
    if (!gpu->vgpu_count) return 0;
    struct vgpu *vgpu = &gpu->vgpus[gpu->vgpu_count - 1];
    if (!strcmp(words[0], "mdev") && count == 2) copy(vgpu->mdev, words[1], sizeof vgpu->mdev);
    else if (!strcmp(words[0], "vm") && count == 2) {
        copy(vgpu->vm, words[1], sizeof vgpu->vm);
        vgpu->vm_kind = QUELL_NVML_VM_ID_UUID;
    } else if (!strcmp(words[0], "domain") && count == 2) {
        copy(vgpu->vm, words[1], sizeof vgpu->vm);
        vgpu->vm_kind = QUELL_NVML_VM_ID_DOMAIN;
    } else if (!strcmp(words[0], "fb") && count == 2) {
        vgpu->has_memory = 1;
        vgpu->memory = number(words[1]);
    } else if (!strcmp(words[0], "backed") && count == 2) vgpu->instance = (unsigned int)number(words[1]);
    else if (!strcmp(words[0], "sample") && count == 4) {
        vgpu->has_sample = 1;
        vgpu->time = number(words[1]);
        vgpu->sm = strtod(words[2], NULL);
        vgpu->memory_share = strtod(words[3], NULL);
    } else return 0;
    return 1;
}

// Takes a line about what a GPU can be asked; 0 where it is none.
static int take_level_line(struct gpu *gpu, char **words, int count) {
    if (!strcmp(words[0], "lost") && count == 1) gpu->is_lost = 1;
    else if (!strcmp(words[0], "utilization") && count == 3) {
        gpu->has_utilization = 1;
        gpu->utilization.gpu = (unsigned int)number(words[1]);
        gpu->utilization.memory = (unsigned int)number(words[2]);
    } else if (!strcmp(words[0], "memory") && count == 5) {
        gpu->has_memory = 1;
        gpu->total = number(words[1]);
        gpu->reserved = number(words[2]);
        gpu->free = number(words[3]);
        gpu->used = number(words[4]);
    } else if (!strcmp(words[0], "power") && count == 2) {
        gpu->has_power = 1;
        gpu->power = (unsigned int)number(words[1]);
    } else if (!strcmp(words[0], "reasons") && count == 2) {
        gpu->has_reasons = 1;
        gpu->reasons = number(words[1]);
    } else if (!strcmp(words[0], "ecc") && count == 2) {
        gpu->has_ecc = 1;
        gpu->ecc = number(words[1]);
    } else if (!strcmp(words[0], "pcie") && count == 3) {
        gpu->has_pcie = 1;
        gpu->rx = (unsigned int)number(words[1]);
        gpu->tx = (unsigned int)number(words[2]);
    } else return 0;
    return 1;
}

// Takes a line about what of a GPU can be set; 0 where it is none.
static int take_limit_line(struct gpu *gpu, char **words, int count) {
    unsigned int values[16] = {0};
    for (int index = 1; index < count; index++) values[index] = (unsigned int)number(words[index]);
    if (!strcmp(words[0], "limit") && count == 5) {
        gpu->has_limit = 1;
        gpu->limit = values[1];
        gpu->least_limit = values[2];
        gpu->most_limit = values[3];
        gpu->usual_limit = values[4];
    } else if (!strcmp(words[0], "clocks") && count > 3 && count <= 16) {
        gpu->has_clocks = 1;
        gpu->memory_clock = gpu->usual_memory_clock = values[1];
        gpu->graphics_clock = gpu->usual_graphics_clock = values[2];
        gpu->clock_count = count - 3;
        memcpy(gpu->clocks, values + 3, (size_t)gpu->clock_count * sizeof *values);
    } else if (!strcmp(words[0], "scheduler") && count == 5) {
        gpu->has_scheduler = 1;
        memcpy(&gpu->schedule, values + 1, sizeof gpu->schedule);
    } else if (!strcmp(words[0], "schedules") && count == 11) memcpy(&gpu->bounds, values + 1, sizeof gpu->bounds);
    else return 0;
    return 1;
}

// Takes a line that a call has made: what was set of the GPU with an address; 0 where it is none.
static int take_kept_line(struct host *host, char **words, int count) {
    if (count < 3 || strncmp(words[0], "now-", 4)) return 0;
    for (int index = 0; index < host->gpu_count; index++) {
        struct gpu *gpu = &host->gpus[index];
        if (strcmp(gpu->address, words[1])) continue;
        if (!strcmp(words[0], "now-limit")) gpu->limit = (unsigned int)number(words[2]);
        else if (!strcmp(words[0], "now-clocks") && count == 4) {
            gpu->memory_clock = (unsigned int)number(words[2]);
            gpu->graphics_clock = (unsigned int)number(words[3]);
        } else if (!strcmp(words[0], "now-scheduler") && count == 6) {
            gpu->schedule.policy = (unsigned int)number(words[2]);
            gpu->schedule.adaptive = (unsigned int)number(words[3]);
            gpu->schedule.first = (unsigned int)number(words[4]);
            gpu->schedule.second = (unsigned int)number(words[5]);
        }
    }
    return 1;
}

// Takes a line about what a GPU has on it; 0 where it is none.
static int take_part_line(struct gpu *gpu, char **words, int count) {
    if (!strcmp(words[0], "events") && count == 1) gpu->has_events = 1;
    else if (!strcmp(words[0], "mig") && count == 1) gpu->has_mig = 1;
    else if (!strcmp(words[0], "vgpus") && count == 1) gpu->has_vgpus = 1;
    else if (!strcmp(words[0], "samples") && count == 2) gpu->sample_kind = (unsigned int)number(words[1]);
    else if (!strcmp(words[0], "xid") && (count == 3 || count == 4) && gpu->event_count < MOST_EVENTS) {
        struct event *event = &gpu->events[gpu->event_count++];
        event->serial = number(words[1]);
        event->xid = number(words[2]);
        event->instance = count == 4 ? (unsigned int)number(words[3]) : QUELL_NVML_NO_INSTANCE;
    } else if (!strcmp(words[0], "instance") && count == 3 && gpu->instance_count < MOST_INSTANCES) {
        struct instance *instance = &gpu->instances[gpu->instance_count++];
        instance->id = (unsigned int)number(words[1]);
        instance->used = number(words[2]);
    } else if (!strcmp(words[0], "vgpu") && count == 2 && gpu->vgpu_count < MOST_VGPUS) {
        struct vgpu *vgpu = &gpu->vgpus[gpu->vgpu_count++];
        memset(vgpu, 0, sizeof *vgpu);
        vgpu->id = (unsigned int)number(words[1]);
        vgpu->instance = QUELL_NVML_NO_INSTANCE;
        gpu->has_vgpus = 1;
    } else return 0;
    return 1;
}

// Takes one line; 0 where it makes no sense.
static int take(char **words, int count) {
    struct host *host = &standin_host;
    if (!strcmp(words[0], "init") && count == 2) {
        host->init = code(words[1]);
        return 1;
    }
    if (take_kept_line(host, words, count)) return 1;
    if (!strcmp(words[0], "gpu") && count == 2 && host->gpu_count < MOST_GPUS) {
        struct gpu *gpu = &host->gpus[host->gpu_count++];
        memset(gpu, 0, sizeof *gpu);
        copy(gpu->address, words[1], sizeof gpu->address);
        gpu->sample_kind = QUELL_NVML_UNSIGNED_INT;
        return 1;
    }
    int is_error = !strcmp(words[0], "error") && (count == 3 || count == 4);
    if ((is_error || (!strcmp(words[0], "delay") && count == 3)) && host->fault_count < MOST_FAULTS) {
        struct fault *fault = &host->faults[host->fault_count++];
        memset(fault, 0, sizeof *fault);
        copy(fault->function, words[1], sizeof fault->function);
        if (count == 4) copy(fault->target, words[3], sizeof fault->target);
        if (is_error) fault->code = code(words[2]);
        else fault->delay = (unsigned int)number(words[2]);
        return 1;
    }
    if (!host->gpu_count) return 0;
    struct gpu *gpu = &host->gpus[host->gpu_count - 1];
    return take_level_line(gpu, words, count) || take_limit_line(gpu, words, count) ||
           take_part_line(gpu, words, count) || take_vgpu_line(gpu, words, count);
}

// Reads one file; 0, or the number of the line that makes no sense. One that is not there says nothing.
static int read_file(const char *path) {
    FILE *file = fopen(path, "re");
    if (!file) return 0;
    char line[512];
    int place = 0, wrong = 0;
    while (!wrong && fgets(line, sizeof line, file)) {
        place++;
        line[strcspn(line, "#\n")] = 0;
        char *words[16], *rest = NULL;
        int count = 0;
        for (char *word = strtok_r(line, " \t", &rest); word && count < 16; word = strtok_r(NULL, " \t", &rest))
            words[count++] = word;
        if (count && !take(words, count)) wrong = place;
    }
    fclose(file);
    return wrong;
}

int standin_read(void) {
    standin_host.init = 0;
    standin_host.gpu_count = standin_host.fault_count = 0;
    char state[4096];
    snprintf(state, sizeof state, "%s.state", standin_script());
    int wrong = read_file(standin_script());
    return wrong ? wrong : read_file(state);
}
