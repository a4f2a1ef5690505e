// The public libvirt C API, imported as the module CLibvirt. Only the target Libvirt imports it.
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <stddef.h>

// virConnectDomainEventRegisterAny takes every callback through a cast to one function type, which Swift cannot write.
// Each function below registers one shape of callback, so that the compiler checks its parameters.

static inline int quell_on_lifecycle(virConnectPtr connection, virConnectDomainEventCallback callback, void *context,
                                     virFreeCallback release) {
    return virConnectDomainEventRegisterAny(connection, NULL, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                                            VIR_DOMAIN_EVENT_CALLBACK(callback), context, release);
}

static inline int quell_on_device_added(virConnectPtr connection, virConnectDomainEventDeviceAddedCallback callback,
                                        void *context, virFreeCallback release) {
    return virConnectDomainEventRegisterAny(connection, NULL, VIR_DOMAIN_EVENT_ID_DEVICE_ADDED,
                                            VIR_DOMAIN_EVENT_CALLBACK(callback), context, release);
}

static inline int quell_on_device_removed(virConnectPtr connection,
                                          virConnectDomainEventDeviceRemovedCallback callback, void *context,
                                          virFreeCallback release) {
    return virConnectDomainEventRegisterAny(connection, NULL, VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED,
                                            VIR_DOMAIN_EVENT_CALLBACK(callback), context, release);
}

static inline int quell_on_metadata_change(virConnectPtr connection,
                                           virConnectDomainEventMetadataChangeCallback callback, void *context,
                                           virFreeCallback release) {
    return virConnectDomainEventRegisterAny(connection, NULL, VIR_DOMAIN_EVENT_ID_METADATA_CHANGE,
                                            VIR_DOMAIN_EVENT_CALLBACK(callback), context, release);
}

static inline int quell_on_balloon_change(virConnectPtr connection,
                                          virConnectDomainEventBalloonChangeCallback callback, void *context,
                                          virFreeCallback release) {
    return virConnectDomainEventRegisterAny(connection, NULL, VIR_DOMAIN_EVENT_ID_BALLOON_CHANGE,
                                            VIR_DOMAIN_EVENT_CALLBACK(callback), context, release);
}

static inline int quell_on_job_completed(virConnectPtr connection, virConnectDomainEventJobCompletedCallback callback,
                                         void *context, virFreeCallback release) {
    return virConnectDomainEventRegisterAny(connection, NULL, VIR_DOMAIN_EVENT_ID_JOB_COMPLETED,
                                            VIR_DOMAIN_EVENT_CALLBACK(callback), context, release);
}

static inline int quell_on_tunable_change(virConnectPtr connection, virConnectDomainEventTunableCallback callback,
                                          void *context, virFreeCallback release) {
    return virConnectDomainEventRegisterAny(connection, NULL, VIR_DOMAIN_EVENT_ID_TUNABLE,
                                            VIR_DOMAIN_EVENT_CALLBACK(callback), context, release);
}
