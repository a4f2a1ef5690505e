import Testing

@testable import DocCheck

@Suite("What a page shows, beside what a command prints")
struct DocMatchTests {
    @Test("the same lines are no difference, but for white space at their ends")
    func same() {
        #expect(DocMatch.difference(shown: ["a", "b"], printed: ["a  ", "b", ""]) == nil)
        #expect(DocMatch.difference(shown: [], printed: []) == nil)
        #expect(DocMatch.difference(shown: [], printed: [""]) == nil)
    }

    @Test("another line, a line too many and a line too few are told where they are")
    func different() {
        let told = { DocMatch.difference(shown: $0, printed: $1) }
        #expect(told(["a", "b"], ["a", "c"]) == DocMatch.Difference(shown: 1, printed: "c"))
        #expect(told(["a"], ["a", "c"]) == DocMatch.Difference(shown: 1, printed: "c"))
        #expect(told(["a", "b"], ["a"]) == DocMatch.Difference(shown: 1, printed: nil))
        #expect(told(["a"], [" a"]) == DocMatch.Difference(shown: 0, printed: " a"))
        #expect(told([], ["c"]) == DocMatch.Difference(shown: 0, printed: "c"))
    }

    @Test("a line of three dots stands for no line, one, and many")
    func gap() {
        for middle in [[], ["x"], ["x", "y", "b"]] {
            #expect(DocMatch.difference(shown: ["a", "…", "b"], printed: ["a"] + middle + ["b"]) == nil)
        }
        #expect(DocMatch.difference(shown: ["…"], printed: []) == nil)
        #expect(DocMatch.difference(shown: ["…", "…", "b"], printed: ["b"]) == nil)
    }

    @Test("what comes behind a gap must come, and nothing behind that")
    func behindGap() {
        let told = { DocMatch.difference(shown: $0, printed: $1) }
        #expect(told(["a", "…", "b"], ["a", "x"]) == DocMatch.Difference(shown: 2, printed: nil))
        #expect(told(["a", "…", "b"], ["a", "b", "x"]) == DocMatch.Difference(shown: 2, printed: nil))
        #expect(told(["a", "…", "b", "c"], ["a", "b", "d"])?.printed == nil)
        // The first line that fits is not always the right one.
        #expect(told(["…", "b", "c"], ["b", "b", "c"]) == nil)
    }

    @Test("three dots within a line stand for any text, also for none")
    func within() {
        #expect(DocMatch.matches("lease 1 ends in 299 s", "lease … ends in … s"))
        #expect(DocMatch.matches("abc", "abc…"))
        #expect(DocMatch.matches("abc", "…"))
        #expect(DocMatch.matches("aXbXb", "a…b"))
        #expect(!DocMatch.matches("lease 1 ended", "lease … ends…"))
        #expect(!DocMatch.matches("xabc", "abc…"))
        #expect(!DocMatch.matches("abcx", "…abc"))
        #expect(!DocMatch.matches("ab", "abc"))
    }

    @Test("what stands before a gap and what stands behind it may not be the same text")
    func overlap() {
        #expect(!DocMatch.matches("aba", "ab…ba"))
        #expect(DocMatch.matches("abba", "ab…ba"))
    }
}
