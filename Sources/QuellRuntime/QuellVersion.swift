/// The version of Quell that this is.
public enum QuellVersion {
    /// The version, by semantic versioning.
    public static let text = "0.1.0"
}
