import Foundation

/// Headless Chromium, driven through chromedriver by plain HTTP (W3C WebDriver).
///
/// ```swift
/// let browser = try stage.browser()
/// try browser.open("http://127.0.0.1:8000/live/main")
/// let title = try browser.script("return document.title").string
/// ```
package final class Browser {
    private let driver: ChildProcess
    private let folder: TemporaryFolder
    private let port: Int
    private let session: String

    /// - Parameter flags: more words for Chromium.
    package init(flags: [String] = []) throws {
        folder = try TemporaryFolder()
        let chromium = try Tool.path("chromium")
        driver = try ChildProcess("chromedriver", ["--port=0"], environment: ["TMPDIR": folder.path])
        do {
            let line = try driver.waitForLine("its port", within: 20) { $0.contains("started successfully on port") }
            guard let number = line.split(whereSeparator: { !$0.isNumber }).last, let port = Int(number) else {
                throw TestFailure("no port in: \(line)")
            }
            self.port = port
            let words =
                [
                    "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--mute-audio", "--no-first-run",
                    "--autoplay-policy=no-user-gesture-required", "--window-size=800,600",
                    "--disable-background-networking", "--disable-component-update", "--enable-unsafe-swiftshader",
                    "--user-data-dir=" + folder.file("profile"),
                ] + flags
            let options = """
                {"capabilities":{"alwaysMatch":{"browserName":"chrome","goog:chromeOptions":{
                "binary":\(JSONValue.quoted(chromium)),
                "args":[\(words.map(JSONValue.quoted).joined(separator: ","))]}}}}
                """
            let answer = try Browser.command(port, "POST", "/session", options, within: 60)
            guard let session = answer["sessionId"].string else { throw TestFailure("no session: \(answer)") }
            self.session = session
        } catch {
            Browser.end(driver, folder)
            throw error
        }
    }

    package func open(_ url: String) throws {
        _ = try command("POST", "/url", "{\"url\":\(JSONValue.quoted(url))}")
    }

    package func reload() throws { _ = try command("POST", "/refresh", "{}") }

    /// Runs a function body in the page.
    ///
    /// - Returns: what the body returns.
    @discardableResult
    package func script(_ body: String, within seconds: Double = 30) throws -> JSONValue {
        try command("POST", "/execute/sync", "{\"script\":\(JSONValue.quoted(body)),\"args\":[]}", within: seconds)
    }

    /// Clicks as a user does, so that the page counts it as a gesture.
    package func click(_ selector: String) throws {
        let element = try command(
            "POST", "/element", "{\"using\":\"css selector\",\"value\":\(JSONValue.quoted(selector))}")
        guard let key = element.keys.first, let id = element[key].string else {
            throw TestFailure("no element \(selector)")
        }
        _ = try command("POST", "/element/\(id)/click", "{}")
    }

    /// The page as a PNG.
    package func screenshot() throws -> [UInt8] {
        guard let text = try command("GET", "/screenshot", nil).string, let data = Data(base64Encoded: text) else {
            throw TestFailure("no screenshot")
        }
        return [UInt8](data)
    }

    /// The window that commands go to.
    package func currentTab() throws -> String {
        guard let handle = try command("GET", "/window", nil).string else { throw TestFailure("no window") }
        return handle
    }

    /// Opens an empty tab in front, which hides the one that was there.
    package func openTab() throws -> String {
        guard let handle = try command("POST", "/window/new", "{\"type\":\"tab\"}")["handle"].string else {
            throw TestFailure("no new tab")
        }
        try show(tab: handle)
        return handle
    }

    package func show(tab: String) throws {
        _ = try command("POST", "/window", "{\"handle\":\(JSONValue.quoted(tab))}")
        _ = try? devTools("Page.bringToFront")  // WebDriver selects a window but does not always raise it
    }

    /// One command of the browser's own protocol.
    @discardableResult
    package func devTools(_ name: String, _ parameters: String = "{}") throws -> JSONValue {
        try command("POST", "/goog/cdp/execute", "{\"cmd\":\(JSONValue.quoted(name)),\"params\":\(parameters)}")
    }

    package func close() {
        _ = try? command("DELETE", "", nil, within: 5)  // a tab that hangs does not answer
        Browser.end(driver, folder)
    }

    /// Ends the driver and what is left of its Chromium, which is known by the folder of its profile.
    private static func end(_ driver: ChildProcess, _ folder: TemporaryFolder) {
        driver.kill()
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let pid = Int32(name), let words = FileManager.default.contents(atPath: "/proc/\(name)/cmdline"),
                String(decoding: words, as: UTF8.self).contains(folder.path)
            else { continue }
            _ = kill(pid, SIGKILL)  // it may have ended this moment
        }
        folder.remove()
    }

    private func command(
        _ method: String, _ path: String, _ body: String?, within seconds: Double = 30
    ) throws -> JSONValue {
        try Browser.command(port, method, "/session/\(session)\(path)", body, within: seconds)
    }

    private static func command(
        _ port: Int, _ method: String, _ path: String, _ body: String?, within seconds: Double
    ) throws -> JSONValue {
        let reply = try HTTPClient.request(
            method, port: port, path: path, headers: [("Content-Type", "application/json")],
            body: body.map { Array($0.utf8) }, within: seconds)
        let value = try JSONValue(parsing: reply.text)["value"]
        guard reply.status == 200 else {
            throw TestFailure("\(method) \(path): \(value["error"].string ?? "") \(value["message"].string ?? "")")
        }
        return value
    }
}

extension Stage {
    package func browser(flags: [String] = []) throws -> Browser {
        let browser = try Browser(flags: flags)
        atEnd { browser.close() }
        return browser
    }
}
