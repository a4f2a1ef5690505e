// The kernel's interface of rtnetlink, nfnetlink and packet sockets. <linux/netfilter.h> is left out: its <linux/in.h>
// defines types anew that glibc has too.
#ifndef QUELL_NETLINK_H
#define QUELL_NETLINK_H

#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/neighbour.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#endif
