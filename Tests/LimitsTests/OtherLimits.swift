@testable import Configuration
@testable import Delivery
@testable import LoopIO
@testable import Peering
@testable import Streaming
@testable import Telemetry

/// The limits of what a node does by itself: its children, the files that it reads, and its log.
enum OtherLimits {
    static let all = [
        Limit(
            "a dial to a child", LimitsTable.time(TCPChild.dialMsMax), "`child.unreachable`", ["TCPChild.dialMsMax"],
            test: "a host that does not answer is given up after the time for a dial"),
        Limit(
            "the wait before the next dial",
            "\(LimitsTable.time(Backoff.freshMsMax)), later \(LimitsTable.time(Backoff.msMax))", "`child.unreachable`",
            ["Backoff.freshMsMax", "Backoff.msMax"],
            test: "waits double from 250 ms to 1 s, and to 5 s once the loss is ten seconds old"),
        Limit(
            "a child that vanished: its machine acknowledges nothing", LimitsTable.time(Int64(TCPChild.vanishedMs)),
            "`child.unreachable`", ["TCPChild.vanishedMs"],
            test: "a peer whose machine takes nothing any more has vanished"),
        Limit(
            "look-ups of names at once, for each loop", "\(Resolver.lookUpsMax)", "the next waits",
            ["Resolver.lookUpsMax"],
            test: "two look-ups run at once, the third waits"),
        Limit(
            "names that are remembered", "\(Resolver.namesMax)", "`child.unreachable`", ["Resolver.namesMax"],
            test: "names beyond the limit are refused while all are being asked, and the oldest answer makes room"),
        Limit(
            "a host's name in bytes", "\(HostName.bytesMax)", "an error of `check`",
            ["HostName.bytesMax", "Resolver.nameBytesMax"], test: "a host of 253 bytes is the longest"),
        Limit(
            "a file in bytes", LimitsTable.size(INIDocument.fileBytesMax), "an error of `check`",
            ["INIDocument.fileBytesMax"], test: "a file over a megabyte is refused"),
        Limit(
            "a line in bytes, and a value from the environment", LimitsTable.size(INIDocument.lineBytesMax),
            "an error of `check`", ["INIDocument.lineBytesMax", "EnvironmentOverride.valueBytesMax"],
            test: "a line of the longest length is read and one byte more is not"),
        Limit(
            "sections of a file", "\(SettingsReader.sectionsMax)", "an error of `check`",
            ["SettingsReader.sectionsMax"],
            test: "too many sections are refused"),
        Limit(
            "items of a list", "\(ValueKind.listItemsMax)", "an error of `check`", ["ValueKind.listItemsMax"],
            test: "too many items in a list are refused"),
        Limit(
            "a secret in bytes", "\(ValueKind.secretBytesMax)", "an error of `check`", ["ValueKind.secretBytesMax"],
            test: "a secret of 256 bytes is the longest"),
        Limit(
            "errors of form that are told", "\(INIDocument.errorsMax)", "the last says so", ["INIDocument.errorsMax"],
            test: "a file that is no configuration gives a bounded number of errors"),
        Limit(
            "the player's script", LimitsTable.size(PlayerScript.bytesMax), "the page says that there is none",
            ["PlayerScript.bytesMax"], test: "a file over 1 MiB is no script"),
        Limit(
            "lines that wait for the log", "\(LogWriter.linesMax), \(LimitsTable.size(LogWriter.bytesMax))",
            "`log.dropped`", ["LogWriter.linesMax", "LogWriter.bytesMax"],
            test: "a stalled reader stops nobody, and the drops are told when it reads again"),
        Limit(
            "a value in the log in characters", "\(LogLine.valueScalarsMax)", "it ends with `...`",
            ["LogLine.valueScalarsMax"], test: "a value longer than the limit is cut"),
        Limit(
            "kinds of refusals that are counted apart", "\(RepeatCounter<Int>.keysMax)",
            "`from=others` of the `again` line", ["RepeatCounter.keysMax", "FlapCounter.keysMax"],
            test: "kinds over the limit are counted together"),
        Limit(
            "from one line of a repeated refusal to the next",
            "\(LimitsTable.time(RepeatCounter<Int>.windowMsMin)) to \(LimitsTable.time(RepeatCounter<Int>.windowMsMax))",
            "`times` of the `again` line", ["RepeatCounter.windowMsMax", "FlapCounter.windowMsMax"],
            test: "windows double up to ten minutes while a kind goes on"),
    ]
}
