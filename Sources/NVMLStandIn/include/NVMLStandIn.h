// A stand-in for NVIDIA's management library: the same functions with the same ABI, over GPUs that a script describes.
//
// It is loaded by the same code as the real library, in tests and by hand:
//
//     NVML_STANDIN_SCRIPT=gpus.txt LD_LIBRARY_PATH=… quelld
//
// The script is the file that NVML_STANDIN_SCRIPT names, or the library's own file with `.script` behind its name, so that
// each copy of the library can have one. It is read anew at each call: who writes it moves the hardware. A line is a word
// and its arguments; `#` begins a comment. What a GPU has no line for, it does not support.
//
//     init CODE                      what nvmlInit_v2 returns
//     gpu ADDRESS                    a GPU; the lines up to the next one are of it
//     lost                           it has fallen off the bus
//     utilization SM MEMORY          percent
//     memory TOTAL RESERVED FREE USED   bytes
//     power MILLIWATTS
//     reasons MASK                   why its clocks are as they are
//     ecc COUNT                      uncorrected errors since the driver was loaded
//     pcie RX TX                     kilobytes a second
//     limit NOW LEAST MOST USUAL     its power limit and the bounds of it, in milliwatts
//     clocks MEMORY GRAPHICS CLOCK…  its application clocks, and the graphics clocks that go with the memory clock, in MHz
//     scheduler POLICY ADAPTIVE FIRST SECOND   how it shares its time (nvmlVgpuSchedulerGetState_t)
//     schedules POLICY… SLICES ADAPTIVE …   how it can: the ten numbers of nvmlVgpuSchedulerCapabilities_t
//     events                         its Xid errors can be waited for
//     xid SERIAL CODE [INSTANCE]     an Xid error; each serial is told once, in order
//     mig                            it is in MIG mode
//     instance ID USED               a GPU instance with one MIG device, and the bytes used of its memory
//     vgpus                          it can have vGPUs
//     vgpu ID                        a vGPU on it; the lines up to the next one are of it
//     mdev UUID                      its mediated device
//     vm UUID                        its VM
//     domain NUMBER                  its VM, by a hypervisor that numbers VMs
//     fb BYTES                       what it uses of its memory
//     backed INSTANCE                the GPU instance that backs it
//     sample TIME SM MEMORY          microseconds and percent
//     samples KIND                   the type of the samples (nvmlValueType_t); 1 unless given
//     error FUNCTION CODE [TARGET]   the function fails, of one GPU's address or vGPU's number where given
//     delay FUNCTION MILLISECONDS    the function takes that long
//
// What a call sets is kept in a file with `.state` behind the script's name, as lines that begin with `now-`; it holds
// until that file is removed, as a GPU keeps what it was set to.
//
// Beside the script, in a file with `.log` behind its name, a line is added when the library is initialised, shut down,
// or a GPU is attached.
#ifndef NVML_STANDIN_H
#define NVML_STANDIN_H

#endif
