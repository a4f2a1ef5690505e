/// What the command line asks for.
struct Options {
    /// What to do.
    enum Action {
        /// Run scenarios against the daemon.
        case scenarios([Scenario])
        /// Print what contention looks like without the daemon.
        case measure
        /// Tell what quelld costs beside other monitors.
        case peers
        /// Tell what quelld costs on very many guests.
        case thousand
        /// Play every episode of the matrix, many times; where nobody acts noise goes on unheld.
        case proving(acts: Bool)
        /// Let very many guests come and go while the daemon runs.
        case soak
        /// Keep the guests up until interrupted.
        case up
    }

    /// What to do.
    var action: Action
    /// How often the `repeat` scenario repeats.
    var rounds = 3
    /// The episodes that `proving` and `unheld` play.
    var episodes = Episode.allCases
    /// How many guests `peers` and `thousand` start; `nil` for 100 and 1,000.
    var guests: Int?

    /// How many lives of guests `soak` takes; `nil` for 10,000.
    var lives: Int?

    /// Minutes after which `soak` ends though not all have lived; `nil` for an hour.
    var minutes: Int?

    /// Whether it matters when things happen, and not only how much CPU time they take.
    var isTimed: Bool {
        switch action {
        case .scenarios, .measure, .soak, .proving, .up: true
        case .peers, .thousand: false
        }
    }

    /// How it is used.
    static let usage = """
        usage: Integration [SCENARIO…] [--rounds N]   all scenarios but the matrix by default
               Integration measure                    run delay and quotas without the daemon
               Integration peers [--guests N]         quelld's cost beside other monitors, 100 idle guests
               Integration thousand [--guests N]      quelld's cost, memory and beat on 1,000 idle guests
               Integration proving [--rounds N]       every episode of the matrix, the daemon acting
               Integration unheld [--rounds N]        the same in dry run, recorded for rules of other systems
               Integration soak [--lifecycles N] [--minutes N]
                                                      the daemon while 10,000 guests come and go, an hour at most
               Integration up                         boot the guests and keep them until interrupted
        --episodes NAME,… of proving and unheld: \(Episode.allCases.map(\.rawValue).joined(separator: ", "))
        scenarios: \(Scenario.allCases.map(\.rawValue).joined(separator: ", "))
        QUELL_BIN: where quelld and quell are; beside this program by default
        QUELL_INTEGRATION_CACHE: where the guests' kernel is kept; .build/integration-cache by default
        QUELL_EVIDENCE: where figures are left as tables; nowhere by default
        QUELL_TRACES: where `proving` and `unheld` keep traces and the truth; .build/matrix by default
        QUELL_INTEGRATION_KEEP: set to keep the directory with all logs
        """

    /// Reads the command line; `nil` where it cannot be understood.
    ///
    /// - Parameter words: The arguments without the program.
    init?(_ words: some Sequence<String>) {
        var scenarios: [Scenario] = []
        action = .scenarios(Scenario.usual)
        var rest = Array(words)[...]
        while let word = rest.popFirst() {
            if word == "--rounds" {
                guard let number = rest.popFirst().flatMap({ Int($0) }), (1...1_000).contains(number) else {
                    return nil
                }
                rounds = number
            } else if word == "--episodes" {
                let names = rest.popFirst()?.split(separator: ",").map(String.init) ?? []
                episodes = names.compactMap(Episode.init(rawValue:))
                guard !names.isEmpty, episodes.count == names.count else { return nil }
            } else if word == "--guests" {
                guard let number = rest.popFirst().flatMap({ Int($0) }), (1...1_000).contains(number) else {
                    return nil
                }
                guests = number
            } else if word == "--lifecycles" {
                guard let number = rest.popFirst().flatMap({ Int($0) }), (100...1_000_000).contains(number) else {
                    return nil
                }
                lives = number
            } else if word == "--minutes" {
                guard let number = rest.popFirst().flatMap({ Int($0) }), (1...10_000).contains(number) else {
                    return nil
                }
                minutes = number
            } else if word == "soak" {
                action = .soak
            } else if word == "peers" {
                action = .peers
            } else if word == "thousand" {
                action = .thousand
            } else if word == "proving" || word == "unheld" {
                action = .proving(acts: word == "proving")
            } else if word == "measure" {
                action = .measure
            } else if word == "up" {
                action = .up
            } else if let scenario = Scenario(rawValue: word) {
                scenarios.append(scenario)
            } else {
                return nil
            }
        }
        if !scenarios.isEmpty { action = .scenarios(scenarios) }
    }
}
