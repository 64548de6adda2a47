import Configuration
import Crypto
import HTTP1

/// Which stream a request wants to publish to, and whether it may: `POST /<Secret>`, or `POST /<app>/<stream>` with the
/// secret in the query or as a Basic password.
struct PublishRoute: Equatable {
    /// Why a request may not publish; the text is the answer's body.
    enum Refusal: Error, Equatable {
        case noCredential
        case wrongSecret
        case notFound(String)
    }

    let stream: StreamID
    /// The sender showed the secret of this way in.
    let isProven: Bool

    init(_ request: RequestHead, ingest: IngestConfiguration) throws(Refusal) {
        let segments = request.segments
        guard let secret = ingest.secret else {
            stream = try PublishRoute.open(segments, ingest: ingest)
            isProven = false
            return
        }
        isProven = true
        if let first = segments.first, constantTimeEquals(first, secret) {
            stream = ingest.stream
            return
        }
        let shown = request.target.first("secret") ?? BasicCredentials(request.fields)?.password
        guard let shown else {
            // One part alone was meant to be the secret; none, or two that name a stream, came without any.
            throw segments.count == 1 ? .wrongSecret : .noCredential
        }
        guard constantTimeEquals(shown, secret) else { throw .wrongSecret }
        stream = try PublishRoute.open(segments, ingest: ingest)
    }

    /// The stream of a path that holds no secret.
    private static func open(_ segments: [String], ingest: IngestConfiguration) throws(Refusal) -> StreamID {
        if segments.isEmpty { return ingest.stream }
        guard segments.count == 2 else {
            throw .notFound("push to / or to /<app>/<stream>\n")
        }
        do throws(StreamIDError) {
            return try StreamID(app: segments[0], name: segments[1])
        } catch {
            throw .notFound("not the name of a stream: app and stream are [A-Za-z0-9._-]{1,64}\n")
        }
    }
}
