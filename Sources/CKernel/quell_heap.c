#define _GNU_SOURCE
#include "quell_heap.h"

#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

static int forget(struct dl_phdr_info *object, size_t size, void *unused) {
	(void)size;
	(void)unused;
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	for (int index = 0; index < object->dlpi_phnum; index++) {
		const ElfW(Phdr) *part = &object->dlpi_phdr[index];
		// What may be written holds what was written to it: never those.
		if (part->p_type != PT_LOAD || (part->p_flags & PF_W)) continue;
		const uintptr_t begin = ((uintptr_t)object->dlpi_addr + part->p_vaddr) & ~(page - 1);
		const uintptr_t end = ((uintptr_t)object->dlpi_addr + part->p_vaddr + part->p_memsz) & ~(page - 1);
		if (end > begin) madvise((void *)begin, end - begin, MADV_DONTNEED);
	}
	return 0;
}

void quell_code_forget(void) { dl_iterate_phdr(forget, NULL); }
