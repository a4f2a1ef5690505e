/// What of the kernel's log could not be read, since the start: by so much the rates from it may be too low.
public struct LogLoss: Equatable, Sendable {
    /// Records that were written over before they were read.
    public var records: UInt64 = 0
    /// How often that happened.
    public var overruns: UInt64 = 0
    /// Lines about split locks and DMA faults that the kernel itself left out.
    public var suppressed: UInt64 = 0

    /// Nothing was lost.
    public init() {}
}
