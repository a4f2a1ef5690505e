private import CKernel

/// The heap of this process.
public enum Heap {
    /// Keeps every block of 128 KiB or more apart from the rest, so that it goes back to the kernel when it is freed.
    ///
    /// Left alone, the C library raises that bound with each large block that is freed, and the tables of all VMs leave
    /// holes behind as they grow. The corresponding C function is `mallopt` with `M_MMAP_THRESHOLD`.
    public static func keepLargeBlocksApart() {
        _ = quell_heap_keep_large_apart()
    }

    /// Unmaps code and constants that are not used at the moment: most of what a start runs, no tick runs again.
    ///
    /// They are clean pages of files, so that nothing is lost; what is used again is mapped again from the page cache. The
    /// corresponding C functions are `dl_iterate_phdr` and `madvise` with `MADV_DONTNEED`.
    public static func forgetStart() {
        quell_code_forget()
    }

    /// Gives the pages that hold nothing any more back to the kernel.
    ///
    /// Worth its time, some milliseconds, only after a burst: the C library keeps what a thread has freed. The
    /// corresponding C function is `malloc_trim`.
    public static func trim() {
        _ = quell_heap_trim()
    }
}
