//! A headless Chromium, controlled with its DevTools protocol through pipes, so that it ends with this process for any reason. The
//! functions panic if the browser fails.
//!
//! <https://chromedevtools.github.io/devtools-protocol/>

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::PathBuf,
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The possible names of the program.
const NAMES: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
const PATIENCE: Duration = Duration::from_secs(30);

/// A browser with one page.
pub(crate) struct Browser {
    child: Child,
    to: Option<ChildStdin>,
    from: Receiver<Value>,
    calls: u64,
    session: Option<String>,
    /// Its errors and warnings.
    complaints: Vec<String>,
    _profile: TempDir,
}

impl Browser {
    /// Opens a page, in a window of this size.
    #[track_caller]
    pub(crate) fn open(url: &str, (width, height): (u32, u32)) -> Self {
        let profile = TempDir::new().unwrap();
        // It reads calls from file descriptor 3, and writes answers to 4.
        let script = r#"exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null 2>/dev/null"#;
        let mut child = Command::new("sh")
            .args(["-c", script])
            .arg(installed())
            .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic"])
            .args(["--no-first-run", "--disable-background-networking", "--disable-sync"])
            .args(["--disable-component-update", "--disable-dev-shm-usage"])
            .args(["--hide-scrollbars", "--remote-debugging-pipe"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let (sender, from) = channel();
        let answers = BufReader::new(child.stdout.take().expect("it has a pipe"));
        thread::spawn(move || {
            for answer in answers.split(0).map_while(Result::ok) {
                let answer = serde_json::from_slice(&answer).expect("it answers in JSON");
                if sender.send(answer).is_err() {
                    return;
                }
            }
        });
        let mut browser = Browser {
            to: child.stdin.take(),
            child,
            from,
            calls: 0,
            session: None,
            complaints: Vec::new(),
            _profile: profile,
        };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" }));
        let target = json!({ "targetId": target["targetId"], "flatten": true });
        let session = browser.call("Target.attachToTarget", target);
        browser.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        browser.resize(width, height);
        browser.call("Page.navigate", json!({ "url": url }));
        browser.until("document.readyState === 'complete'");
        browser
    }

    /// Changes the size of the window.
    pub(crate) fn resize(&mut self, width: u32, height: u32) {
        self.call(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false }),
        );
    }

    /// Sets a preference of the user, such as `("prefers-color-scheme", "dark")`.
    pub(crate) fn prefer(&mut self, features: &[(&str, &str)]) {
        let features = features.iter().map(|(name, value)| json!({ "name": name, "value": value }));
        let features: Vec<_> = features.collect();
        self.call("Emulation.setEmulatedMedia", json!({ "features": features }));
    }

    /// The value of an expression.
    #[track_caller]
    pub(crate) fn eval(&mut self, expression: &str) -> Value {
        let call = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.call("Runtime.evaluate", call);
        assert!(answer["exceptionDetails"].is_null(), "{expression}: {answer}");
        answer["result"]["value"].clone()
    }

    /// The text that is shown at a selector.
    #[track_caller]
    pub(crate) fn text(&mut self, selector: &str) -> String {
        let selector = json!(selector);
        let text = self.eval(&format!("document.querySelector({selector})?.textContent"));
        text.as_str().unwrap_or("(nothing)").to_owned()
    }

    /// Waits until an expression is true.
    #[track_caller]
    pub(crate) fn until(&mut self, expression: &str) {
        let began = Instant::now();
        while self.eval(expression) != true {
            if began.elapsed() > PATIENCE {
                let page = self.eval("document.body.innerText");
                panic!("never: {expression}\n{:?}\n{page}", self.complaints);
            }
            thread::sleep(Duration::from_millis(30));
        }
    }

    /// Waits until a text is shown at a selector.
    #[track_caller]
    pub(crate) fn until_text(&mut self, selector: &str, text: &str) {
        let (selector, text) = (json!(selector), json!(text));
        self.until(&format!("document.querySelector({selector})?.textContent === {text}"));
    }

    /// Presses a key: `Tab`, `Enter`, `Escape`.
    pub(crate) fn press(&mut self, key: &str) {
        let (code, text) = match key {
            "Tab" => (9, ""),
            "Enter" => (13, "\r"),
            "Escape" => (27, ""),
            other => panic!("{other} is not a key that this helper knows"),
        };
        for kind in ["keyDown", "keyUp"] {
            let text = if kind == "keyDown" { text } else { "" };
            let call = json!({
                "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text,
            });
            self.call("Input.dispatchKeyEvent", call);
        }
    }

    /// Types a text where the focus is.
    pub(crate) fn write(&mut self, text: &str) {
        self.call("Input.insertText", json!({ "text": text }));
    }

    /// Saves a screenshot of the whole page in the target folder.
    pub(crate) fn picture(&mut self, name: &str) -> PathBuf {
        let call = json!({ "format": "png", "captureBeyondViewport": true });
        let answer = self.call("Page.captureScreenshot", call);
        let png = BASE64_STANDARD.decode(answer["data"].as_str().unwrap()).unwrap();
        let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("page-{name}.png"));
        std::fs::write(&file, png).unwrap();
        file
    }

    /// Returns its errors and warnings so far.
    pub(crate) fn complaints(&mut self) -> Vec<String> {
        // Earlier events come before the answer to this call.
        self.eval("1");
        std::mem::take(&mut self.complaints)
    }

    #[track_caller]
    fn call(&mut self, method: &str, params: Value) -> Value {
        self.calls += 1;
        let mut call = json!({ "id": self.calls, "method": method, "params": params });
        if let Some(session) = &self.session {
            call["sessionId"] = json!(session);
        }
        let mut bytes = call.to_string().into_bytes();
        bytes.push(0);
        self.to.as_mut().expect("it is open").write_all(&bytes).expect("the browser is there");
        loop {
            let answer = match self.from.recv_timeout(PATIENCE) {
                Ok(answer) => answer,
                Err(err) => panic!("the browser does not answer {method}: {err}"),
            };
            if answer["id"] == self.calls {
                assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
                return answer["result"].clone();
            }
            self.note(&answer);
        }
    }

    fn note(&mut self, event: &Value) {
        let params = &event["params"];
        let complaint = match event["method"].as_str() {
            Some("Runtime.exceptionThrown") => &params["exceptionDetails"],
            Some("Runtime.consoleAPICalled") if params["type"] == "error" => &params["args"],
            Some("Log.entryAdded") if params["entry"]["level"] == "error" => &params["entry"],
            _ => return,
        };
        self.complaints.push(complaint.to_string());
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It ends when the pipe closes.
        drop(self.to.take());
        let began = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) {
            if began.elapsed() > Duration::from_secs(10) {
                let _ = self.child.kill();
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// The browser of this machine.
fn installed() -> PathBuf {
    #[expect(clippy::disallowed_methods, reason = "no function: this looks for a program")]
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = std::env::split_paths(&path).collect();
    let programs = NAMES.iter().flat_map(|name| folders.iter().map(move |it| it.join(name)));
    let found = programs.into_iter().find(|it| it.is_file());
    found.unwrap_or_else(|| {
        panic!(
            "no browser is on the PATH, by any of the names {NAMES:?}\n  \
             fix: apt-get install chromium (or the package of this name of another system)"
        )
    })
}
