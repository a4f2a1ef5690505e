extension NetworkFilter {
    /// Quell's own filter: it drops every frame in both directions.
    public static let isolate = NetworkFilter(name: "quell-isolate")
}
