// The stand-in as a driver from before vGPUs, MIG and waiting for Xid errors by instance had it: fewer functions, and the
// first layout of memory alone.
#define NVML_STANDIN_OLD 1
#include "../NVMLStandIn/script.c"
#include "../NVMLStandIn/lifecycle.c"
#include "../NVMLStandIn/device.c"
