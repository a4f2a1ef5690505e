import Testing

extension Story {
    /// Tells several stories side by side and adds up what they came to.
    static func sideBySide(
        _ stories: [Story],
        _ tell: @escaping @Sendable (Story, Int) async throws -> Report
    ) async throws -> Report {
        try await withThrowingTaskGroup(of: Report.self) { group in
            for (index, story) in stories.enumerated() { group.addTask { try await tell(story, index) } }
            return try await group.reduce(Report(), +)
        }
    }
}

extension Story.Report {
    /// Nothing went wrong in at least so many runs.
    func check(atLeast least: Int, sourceLocation: SourceLocation = #_sourceLocation) {
        let phases = byPhase.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        print("\(runs) runs: \(phases)")
        let what = "\(failures.count) wrongs in \(runs) runs: \(failures.prefix(5))"
        #expect(failures.isEmpty, "\(what)", sourceLocation: sourceLocation)
        #expect(runs >= least, sourceLocation: sourceLocation)
    }
}
