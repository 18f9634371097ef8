//! Runs `dofs`, and sees what it leaves.

use std::{
    ffi::OsStr,
    fs,
    io::{BufRead as _, BufReader},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// A place of its own for local systems.
pub(crate) struct Place {
    folder: PathBuf,
    path: Option<PathBuf>,
    variables: Vec<(&'static str, PathBuf)>,
}

/// What a command came to.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Place {
    pub(crate) fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("command").join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Place { folder, path: None, variables: Vec::new() }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// With no other programs on the `PATH` than these shell scripts.
    pub(crate) fn with_programs(mut self, programs: &[(&str, &str)]) -> Self {
        let path = self.folder.join("bin");
        fs::create_dir_all(&path).unwrap();
        for (name, script) in programs {
            let file = path.join(name);
            fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        }
        self.path = Some(path);
        self
    }

    pub(crate) fn with_variable(mut self, name: &'static str, value: PathBuf) -> Self {
        self.variables.push((name, value));
        self
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dofs"));
        command.args(args).env("DOFS_LOCAL_DIR", &self.folder).stdin(Stdio::null());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        if let Some(path) = &self.path {
            command.env("PATH", path);
        }
        command
    }

    /// Runs it to its end.
    #[track_caller]
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        let output = self.command(args).output().unwrap();
        Ran::of(output)
    }

    /// Runs it to its end, and reads what it tells programs.
    #[track_caller]
    pub(crate) fn json(&self, args: &[&str]) -> (Option<i32>, Value) {
        let ran = self.run(&[args, &["--format", "json"]].concat());
        let json = serde_json::from_str(&ran.stdout);
        (ran.code, json.unwrap_or_else(|err| panic!("{args:?}: {err}\n{ran:#?}")))
    }

    /// Starts it.
    pub(crate) fn start(&self, args: &[&str]) -> Running {
        let mut command = self.command(args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let said = Arc::new(Mutex::new(String::new()));
        let streams: [Box<dyn std::io::Read + Send>; 2] =
            [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
        for stream in streams {
            let said = said.clone();
            thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    let mut said = said.lock().unwrap();
                    said.push_str(&line);
                    said.push('\n');
                }
            });
        }
        Running { child, said }
    }

    /// Everything that still runs for it: it keeps its temporary files here.
    pub(crate) fn processes(&self) -> Vec<String> {
        let marker = [b"TMPDIR=", self.folder.as_os_str().as_encoded_bytes()].concat();
        let root = self.folder.as_os_str().as_encoded_bytes();
        let mut found = Vec::new();
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            let name = entry.file_name();
            if !name.as_encoded_bytes().iter().all(u8::is_ascii_digit) {
                continue;
            }
            // A process that ends while we look is none of ours.
            let environment = fs::read(entry.path().join("environ")).unwrap_or_default();
            let works = fs::read_link(entry.path().join("cwd")).unwrap_or_default();
            let is_ours = environment.split(|it| *it == 0).any(|it| it.starts_with(&marker))
                || works.as_os_str().as_encoded_bytes().starts_with(root);
            if is_ours {
                let command = fs::read(entry.path().join("cmdline")).unwrap_or_default();
                found.push(format!("{name:?}: {}", String::from_utf8_lossy(&command)));
            }
        }
        found
    }

    /// Sees that nothing runs any more.
    #[track_caller]
    pub(crate) fn is_quiet(&self) {
        let began = Instant::now();
        while !self.processes().is_empty() {
            assert!(began.elapsed() < Duration::from_secs(10), "{:#?}", self.processes());
            thread::sleep(Duration::from_millis(100));
        }
        let (code, status) = self.json(&["local", "status"]);
        assert_eq!((code, status), (Some(1), Value::Null));
    }
}

impl Ran {
    fn of(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ran {
            code: output.status.code(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }
}

/// A `dofs` that was started. It ends with this value.
pub(crate) struct Running {
    child: Child,
    said: Arc<Mutex<String>>,
}

impl Running {
    pub(crate) fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// Waits until it says something.
    #[track_caller]
    pub(crate) fn until(&mut self, words: &str, within: Duration) {
        let began = Instant::now();
        while !self.said().contains(words) {
            let ended = self.child.try_wait().unwrap();
            assert!(
                ended.is_none() && began.elapsed() < within,
                "it does not say {words:?} ({ended:?}):\n{}",
                self.said()
            );
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until a program runs for it.
    #[track_caller]
    pub(crate) fn until_process(&mut self, place: &Place, command: &str) {
        let began = Instant::now();
        while !place.processes().iter().any(|it| it.contains(command)) {
            let ended = self.child.try_wait().unwrap();
            assert!(
                ended.is_none() && began.elapsed() < Duration::from_secs(120),
                "it does not run {command:?} ({ended:?}):\n{}",
                self.said()
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    pub(crate) fn interrupt(&self) {
        self.signal(Signal::INT);
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    }

    /// Waits for its end, and returns its exit code.
    #[track_caller]
    pub(crate) fn code(&mut self, within: Duration) -> Option<i32> {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(began.elapsed() < within, "it does not end:\n{}", self.said());
            thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            // As Ctrl-C does: what it has started ends with it.
            self.signal(Signal::INT);
            let _ = self.child.wait();
        }
    }
}

/// A file's path as an argument.
pub(crate) fn text(path: &Path) -> &str {
    OsStr::to_str(path.as_os_str()).unwrap()
}
