// What the benchmarks of the sampler need and Swift cannot do: an interposed malloc that counts, interposed system calls
// that can be recorded and made again by a plain C loop, and the set-up of a host.
//
// Everything here is for one thread, the main thread of the benchmark; nothing takes or returns ownership of memory.
#ifndef QUELL_BENCH_CMETER_H
#define QUELL_BENCH_CMETER_H

#include <stdbool.h>
#include <stdint.h>

// MARK: Memory (malloc.c)

/// Begins to count this thread's calls of malloc, calloc, realloc, free and their kin, from 0.
void meter_count_allocations(void);
/// Stops counting.
void meter_stop_counting(void);
/// Calls that asked for memory while counting.
uint64_t meter_allocations(void);
/// Calls that gave memory back while counting.
uint64_t meter_frees(void);

// MARK: System calls (calls.c)

/// How many different ticks can be recorded: what a sampler reads repeats every tenth tick.
#define METER_TICKS 10

/// How many samplers can be recorded.
#define METER_RECORDINGS 8

/// Chooses the recording that all calls below are about, from 0 to METER_RECORDINGS - 1.
void meter_choose(int32_t recording);
/// Forgets what was recorded.
void meter_forget_calls(void);
/// Records this thread's system calls on descriptors as one tick, from 0 to METER_TICKS - 1, until told to stop.
void meter_record(int32_t tick);
/// Stops recording.
void meter_stop_recording(void);
/// How many calls a recorded tick made.
uint64_t meter_recorded(int32_t tick);
/// How many of them were pread.
uint64_t meter_recorded_preads(int32_t tick);
/// Makes the calls of a recorded tick again, in the same order on the same descriptors, with nothing in between. Gives
/// the bytes that were read, or -1 where a call failed that did not fail when it was recorded.
int64_t meter_replay(int32_t tick);

/// Tells the recording that a file was opened.
void meter_opened(const char *path, int flags, int result);
/// Tells the recording that a descriptor was closed.
void meter_closed(int descriptor);

// MARK: Clocks and caches (host.c)

/// CPU time of this thread in nanoseconds.
uint64_t meter_thread_time(void);
/// CPU time of this process in nanoseconds.
uint64_t meter_process_time(void);
/// The monotonic clock in nanoseconds.
uint64_t meter_clock(void);
/// Sleeps until the monotonic clock reads this many nanoseconds; returns early where a signal comes.
void meter_sleep_until(uint64_t time);
/// Walks and writes 64 MiB, so that the caches hold nothing of what was used before.
void meter_evict_caches(void);
/// Bytes of memory that this process has resident.
uint64_t meter_resident(void);

// MARK: The host (host.c)

/// Raises the limit of open descriptors as far as the kernel lets; gives the limit in force.
uint64_t meter_raise_descriptors(uint64_t wanted);
/// Descriptors that this process has open.
int32_t meter_open_descriptors(void);
/// From now on opening a path for reading a second time gives the same descriptor, which is closed with its last user:
/// for hosts with more VMs than the limit of descriptors allows.
void meter_share_descriptors(bool shared);
/// Whether this process is root.
bool meter_is_root(void);
/// Gives this thread, which must be the main thread, a network of its own that goes with the process.
bool meter_private_network(void);
/// Makes a persistent tap in the network of this thread.
bool meter_make_tap(const char *name);
/// Starts a stand-in for QEMU with so many vCPU threads. Gives its process, or -1.
int32_t meter_start_guest(const char *program, int32_t vcpus);
/// Waits until the guests started since the last call have all their threads; false where that took 30 s.
bool meter_wait_for_guests(int32_t count);
/// Starts the process that, as soon as this one has ended or called meter_dismiss_janitor, kills what is in the trees of
/// cgroups named `name` below the mount points, which are separated by colons, and removes them.
bool meter_start_janitor(const char *program, const char *name, const char *mounts);
/// Has the janitor do its work, and waits for it.
void meter_dismiss_janitor(void);
/// Starts a program found in PATH with arguments separated by blanks, its output thrown away. Gives its process, or -1.
int32_t meter_start(const char *command);
/// Ends a process started by meter_start.
void meter_end(int32_t process);
/// Makes a directory; true where it is there afterwards.
bool meter_make_directory(const char *path);
/// Writes a number and a newline into a file.
bool meter_write(const char *path, const char *text);
/// From now on SIGINT, SIGTERM and SIGHUP only set what meter_interrupted gives.
void meter_catch_signals(void);
/// Whether one of these signals has come.
bool meter_interrupted(void);

#endif
