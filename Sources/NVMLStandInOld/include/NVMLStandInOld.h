// The stand-in for an old release of NVIDIA's management library; see NVMLStandIn.h.
#ifndef NVML_STANDIN_OLD_H
#define NVML_STANDIN_OLD_H

#endif
