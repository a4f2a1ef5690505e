/// What was done to the guests of a soak, counted.
struct SoakTally {
    /// Guests that came up.
    var lives = 0
    /// Of these, those that came with the UUID of the one before.
    var reused = 0
    /// Of these, those that were paused.
    var paused = 0
    /// Guests whose QEMU was killed.
    var killed = 0
    /// Holds by hand on guests that then went.
    var held = 0
    /// Scrapes that were answered.
    var scrapes = 0
    /// Questions at the control socket that were answered.
    var answers = 0
    /// Scrapes and questions that were not.
    var unanswered = 0
}
