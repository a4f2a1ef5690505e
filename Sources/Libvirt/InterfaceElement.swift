internal import Signals

/// The `<interface>` element of one interface in the XML of a running domain, and copies of it with another link state
/// or filter, for `virDomainUpdateDeviceFlags`.
///
/// All else in it is passed on byte for byte, with one exception. Where an interface is on one of libvirt's networks the
/// XML of a running domain gives it the type of what that comes to, a bridge for instance, but with the network in its
/// source. libvirt would take that for a move away from the network, and give the network's port up. So its type becomes
/// `network` again.
struct InterfaceElement {
    /// Whether its link is up; it is where the element does not say.
    private(set) var isUp = true
    /// Its filter.
    private(set) var filter: NetworkFilter?
    /// The bytes of the element.
    private let bytes: [UInt8]
    private var links: [Range<Int>] = []
    private var filters: [Range<Int>] = []
    /// The end of the first tag, with the attributes of it, where the type must be another.
    private var networkTag: (end: Int, attributes: [String: String])?
    /// Where an element can be added: before the last tag.
    private var end = 0
}

extension InterfaceElement {
    /// Finds the interface of a device in a domain's XML.
    ///
    /// - Parameters:
    ///   - device: The host's device: the `dev` of its `<target>`.
    ///   - xml: The domain's XML.
    /// - Returns: Its element; `nil` where there is none.
    /// - Throws: `XMLScanner.Problem` where the XML is refused.
    static func find(_ device: String, in xml: [UInt8]) throws(XMLScanner.Problem) -> InterfaceElement? {
        var scanner = try XMLScanner(xml)
        var path: [String] = []
        var begin = 0
        var isWanted = false
        while true {
            switch try scanner.next() {
            case .start(let element):
                path.append(element.fullName)
                if path == ["domain", "devices", "interface"] {
                    begin = scanner.start
                    isWanted = false
                } else if path == ["domain", "devices", "interface", "target"], element.attributes["dev"] == device {
                    isWanted = true
                }
            case .end:
                if isWanted, path == ["domain", "devices", "interface"] {
                    return try InterfaceElement(Array(xml[begin..<scanner.position]))
                }
                path.removeLast()
            case .text: break
            case .finish: return nil
            }
        }
    }

    /// Reads an element.
    init(_ bytes: [UInt8]) throws(XMLScanner.Problem) {
        self.bytes = bytes
        var scanner = try XMLScanner(bytes)
        var path: [String] = []
        var begin = 0
        var tag: (end: Int, attributes: [String: String])?
        while true {
            switch try scanner.next() {
            case .start(let element):
                path.append(element.fullName)
                if path.count == 2 { begin = scanner.start }
                switch path.dropFirst() {
                case []: tag = (scanner.position, element.attributes)
                case ["source"]:
                    if element.attributes["network"] != nil, tag?.attributes["type"] != "network" { networkTag = tag }
                case ["link"]: isUp = element.attributes["state"] != "down"
                case ["filterref"]: filter = element.attributes["filter"].map { NetworkFilter(name: $0) }
                case ["filterref", "parameter"]:
                    if let name = element.attributes["name"], let value = element.attributes["value"] {
                        filter?.parameters.append(NetworkFilter.Parameter(name: name, value: value))
                    }
                default: break
                }
            case .end:
                switch path.dropFirst() {
                case []: end = scanner.start
                case ["link"]: links.append(begin..<scanner.position)
                case ["filterref"]: filters.append(begin..<scanner.position)
                default: break
                }
                path.removeLast()
            case .text: break
            case .finish: return
            }
        }
    }
}

extension InterfaceElement {
    /// The element with its link up or down.
    func with(linkUp isUp: Bool) -> [UInt8] {
        replacing(links, by: "<link state='\(isUp ? "up" : "down")'/>")
    }

    /// The element with a filter, or with none; `nil` where XML cannot write the filter.
    func with(filter: NetworkFilter?) -> [UInt8]? {
        guard let filter else { return replacing(filters, by: "") }
        guard let name = XMLText.escaped(filter.name) else { return nil }
        var xml = "<filterref filter='\(name)'>"
        for parameter in filter.parameters {
            guard let name = XMLText.escaped(parameter.name), let value = XMLText.escaped(parameter.value) else {
                return nil
            }
            xml += "<parameter name='\(name)' value='\(value)'/>"
        }
        return replacing(filters, by: xml + "</filterref>")
    }

    /// The element with one text in the place of some elements, or before its last tag where there are none.
    private func replacing(_ ranges: [Range<Int>], by text: String) -> [UInt8] {
        var result: [UInt8] = []
        var position = 0
        if let networkTag {
            result += Array(Self.tag(networkTag.attributes).utf8)
            position = networkTag.end
        }
        for (index, range) in (ranges.isEmpty ? [end..<end] : ranges).enumerated() {
            result += bytes[position..<range.lowerBound]
            if index == 0 { result += Array(text.utf8) }
            position = range.upperBound
        }
        return result + bytes[position...]
    }

    /// The first tag of an interface on a network.
    private static func tag(_ attributes: [String: String]) -> String {
        var tag = "<interface type='network'"
        for (name, value) in attributes.sorted(by: { $0.key < $1.key }) where name != "type" {
            // What was read can be written.
            if let value = XMLText.escaped(value) { tag += " \(name)='\(value)'" }
        }
        return tag + ">"
    }
}
