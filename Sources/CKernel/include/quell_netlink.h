// Shims for rtnetlink and nfnetlink.
#ifndef QUELL_NETLINK_H
#define QUELL_NETLINK_H

#endif
