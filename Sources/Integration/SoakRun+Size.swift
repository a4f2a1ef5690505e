extension SoakRun {
    /// How large a soak is.
    struct Size {
        /// Lives of guests.
        var lives: Int
        /// Seconds after which it ends, with as many lives as there were by then.
        var limit = 3_600.0
        /// Guests that stay.
        var standing: Int
        /// virsh programs side by side.
        var hands: Int
        /// Guests that each keeps.
        var places: Int
        /// Seconds between two notes.
        var pace: Double

        /// The file of its figures; `nil` where they are not worth one.
        var evidence: String?

        /// The one that `make soak` runs.
        static let whole = Size(lives: 10_000, standing: 16, hands: 12, places: 3, pace: 5, evidence: "soak")
        /// The one that is a scenario among others.
        static let short = Size(lives: 300, standing: 4, hands: 3, places: 6, pace: 1)
    }
}
