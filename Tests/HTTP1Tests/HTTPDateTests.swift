import HTTP1
import Testing

@Suite struct HTTPDateTests {
    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"),
        (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 GMT"),
        (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
        (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
    ])
    func `a moment has its weekday, day, month, year and time`(_ seconds: Int64, _ text: String) {
        #expect(HTTPDate(unixSeconds: seconds).description == text)
    }

    @Test func `moments that the form cannot show become its ends`() {
        #expect(HTTPDate(unixSeconds: .min).unixSeconds == 0)
        #expect(HTTPDate(unixSeconds: .max).description == "Fri, 31 Dec 9999 23:59:59 GMT")
    }
}
