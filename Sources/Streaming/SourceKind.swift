/// How a source's bytes come in.
package enum SourceKind: String, Sendable {
    case tcp
    case udp
    case http
}
