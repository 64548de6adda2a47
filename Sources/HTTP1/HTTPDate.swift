/// A moment as header fields show it: IMF-fixdate (RFC 9110 5.6.7), `Sun, 06 Nov 1994 08:49:37 GMT`.
package struct HTTPDate: CustomStringConvertible, Equatable, Sendable {
    /// Seconds since 1970-01-01T00:00:00Z, 0 ... 253,402,300,799: years have four digits.
    package let unixSeconds: Int64

    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Moments before and after what the form can show become its first and its last.
    package init(unixSeconds: Int64) { self.unixSeconds = min(max(unixSeconds, 0), 253_402_300_799) }

    package var description: String {
        let days = Int(unixSeconds / 86_400)
        let second = Int(unixSeconds % 86_400)
        var year = 1970
        var dayOfYear = days
        while dayOfYear >= HTTPDate.days(inYear: year) {
            dayOfYear -= HTTPDate.days(inYear: year)
            year += 1
        }
        var month = 0
        while dayOfYear >= HTTPDate.days(inMonth: month, ofYear: year) {
            dayOfYear -= HTTPDate.days(inMonth: month, ofYear: year)
            month += 1
        }
        let time = [second / 3600, second / 60 % 60, second % 60].map { HTTPDate.padded($0, 2) }
        return HTTPDate.weekdays[days % 7] + ", " + HTTPDate.padded(dayOfYear + 1, 2) + " " + HTTPDate.months[month]
            + " " + HTTPDate.padded(year, 4) + " " + time[0] + ":" + time[1] + ":" + time[2] + " GMT"
    }

    private static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    private static func days(inYear year: Int) -> Int { isLeap(year) ? 366 : 365 }

    /// - Parameter month: 0 ... 11.
    private static func days(inMonth month: Int, ofYear year: Int) -> Int {
        switch month {
        case 1: isLeap(year) ? 29 : 28
        case 3, 5, 8, 10: 30
        default: 31
        }
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
