extension NetworkFilter {
    /// Quell's own filter: it drops every frame in both directions.
    public static let isolate = NetworkFilter(name: "quell-isolate")
}

extension NetworkFilter {
    /// libvirt's filter that lets no false source address out (`clean-traffic`, libvirt's `formatnwfilter`).
    public static let antiSpoof = NetworkFilter(name: "clean-traffic")
}
