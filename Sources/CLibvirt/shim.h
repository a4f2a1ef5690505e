// The public libvirt C API, imported as the module CLibvirt. Only the target Libvirt imports it.
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
