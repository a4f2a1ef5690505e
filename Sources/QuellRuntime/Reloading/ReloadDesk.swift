import Policy

/// Decides what threshold files that were read again mean: nothing new, a policy, or a refusal.
///
/// Each content is told once.
struct ReloadDesk {
    /// What is to be done.
    enum Outcome: Equatable {
        /// They say what they said when they were last read.
        case same
        /// This policy is to be put in force.
        case adopt(PolicySet)
        /// They are not to be followed; each problem as `file:line:column: …`.
        case refuse([String])
    }

    private var last: PolicyContent

    /// Follows on what was read when the daemon started.
    ///
    /// - Parameter content: What was read.
    init(_ content: PolicyContent) { last = content }

    /// Takes what was read.
    ///
    /// - Parameters:
    ///   - content: What was read.
    ///   - isAsked: Whether a person asked for it, with SIGHUP: then it is told whatever it says, and the shipped policy is
    ///     taken where there are no files any more.
    /// - Returns: What is to be done.
    mutating func take(_ content: PolicyContent, isAsked: Bool) -> Outcome {
        let before = last
        guard isAsked || content != before else { return .same }
        last = content
        if !isAsked, content.isShipped, !before.isShipped {
            // Files that vanish are more often about to come back than meant to be gone.
            return .refuse(["there are no threshold files any more; SIGHUP takes the shipped policy"])
        }
        do throws(PolicyErrors) {
            return .adopt(try content.files.policy())
        } catch {
            return .refuse(error.problems.map(\.description))
        }
    }
}
