// The parts of libsystemd that Quell uses, imported as the module CSystemd. Only the target Systemd imports it.
#include <sys/uio.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>
