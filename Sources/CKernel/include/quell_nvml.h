// Shims for the ABI types of NVML.
#ifndef QUELL_NVML_H
#define QUELL_NVML_H

#endif
