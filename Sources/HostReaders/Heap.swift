private import CKernel

/// The heap of this process.
public enum Heap {
    /// Gives the pages that hold nothing any more back to the kernel.
    ///
    /// Worth its time, some milliseconds, only after a burst: the C library keeps what a thread has freed. The
    /// corresponding C function is `malloc_trim`.
    public static func trim() {
        _ = quell_heap_trim()
    }
}
