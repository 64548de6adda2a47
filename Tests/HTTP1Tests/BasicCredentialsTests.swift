import Crypto
import HTTP1
import TestSupport
import Testing

@Suite struct BasicCredentialsTests {
    private func value(_ text: String) -> String {
        let bytes = Array(text.utf8)
        return "Basic " + Base64.encode(bytes.span)
    }

    @Test(arguments: [
        ("user:pass", "user", "pass"), (":", "", ""), ("user:", "user", ""), (":pass", "", "pass"),
        ("user:a:b", "user", "a:b"), ("käse:pässwörd", "käse", "pässwörd"), ("a b:c d", "a b", "c d"),
    ])
    func `user and password are split at the first colon`(text: String, user: String, password: String) {
        let credentials = BasicCredentials(parsing: value(text))
        #expect(credentials?.user == user)
        #expect(credentials?.password == password)
    }

    @Test(arguments: ["basic dTpw", "BASIC dTpw", "Basic  dTpw"])
    func `the scheme has any case of letters`(value: String) {
        #expect(BasicCredentials(parsing: value)?.password == "p")
    }

    @Test(arguments: [
        "", "Basic", "Basic ", "Bearer dTpw", "BasicdTpw", "Basic\tdTpw", "Basic dTp", "Basic dTp=", "Basic dTpw=",
        "Basic dT pw", "Basic dTpw, Basic dTpw", "Basic dXA=", "Basic AAAA", "Basic /////w==", "Basic d\u{d8}pw",
        " Basic dTpw", "Basic dToA",
    ])
    func `anything else is no credentials`(value: String) {
        #expect(BasicCredentials(parsing: value) == nil)
    }

    @Test func `two Authorization fields are none`() {
        let line = "Authorization: Basic dTpw\r\n"
        let once = RequestReading("GET / HTTP/1.0\r\n\(line)\r\n").messages.first
        let twice = RequestReading("GET / HTTP/1.0\r\n\(line)\(line)\r\n").messages.first
        #expect(once.flatMap { BasicCredentials($0.head.fields) }?.user == "u")
        #expect(twice != nil)
        #expect(twice.flatMap { BasicCredentials($0.head.fields) } == nil)
    }

    @Test func `the description shows no password`() {
        #expect(BasicCredentials(parsing: value("user:pass")).map { "\($0)" } == "BasicCredentials")
    }
}
