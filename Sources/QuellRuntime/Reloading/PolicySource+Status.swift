import Policy

extension PolicySource {
    /// What `systemctl status` shows of the policy in force, in one line.
    ///
    /// - Parameters:
    ///   - policy: The policy in force.
    ///   - problems: Why the files are not followed, each as `file:line:column: …`; empty where they are.
    /// - Returns: The line.
    func status(of policy: PolicySet, refused problems: [String] = []) -> String {
        let rules = "\(policy.mode.rawValue), \(policy.rules.count) rules"
        guard let first = problems.first else { return "\(rules) from \(self)" }
        let more = problems.count > 1 ? " and \(problems.count - 1) more" : ""
        return "\(rules) as before, since the files are wrong: \(first)\(more)"
    }
}
