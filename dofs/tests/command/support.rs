//! Runs `dofs`, and checks what it leaves behind.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    io::{self, BufRead as _, BufReader, Write as _},
    os::unix::fs::{PermissionsExt as _, symlink},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use processes::Process;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// A separate folder for local systems.
pub(crate) struct Place {
    folder: PathBuf,
    path: Option<PathBuf>,
    repository: Option<PathBuf>,
    variables: Vec<(&'static str, PathBuf)>,
}

/// The result of a command.
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
        Place { folder, path: None, repository: None, variables: Vec::new() }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its own repository, if it has one.
    pub(crate) fn repository(&self) -> &Path {
        self.repository.as_ref().unwrap()
    }

    /// Puts only these shell scripts on the `PATH`.
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

    /// Gives it a repository: a copy of the generated files, which a test may change, and no sources. The functions are those of
    /// this repository.
    pub(crate) fn with_repository(mut self) -> Self {
        let (own, ours) = (self.folder.join("repository"), repository());
        copy(&ours.join("generated"), &own.join("generated"));
        fs::create_dir_all(own.join("target")).unwrap();
        for tools in ["tools", "plugin-cache"] {
            let shared = ours.join("target").join(tools);
            fs::create_dir_all(&shared).unwrap();
            symlink(shared, own.join("target").join(tools)).unwrap();
        }
        self.repository = Some(own);
        self.with_variable("DOFS_FUNCTIONS", functions())
    }

    /// Replaces a text in a generated file, which must contain it.
    #[track_caller]
    pub(crate) fn change(&self, file: &str, from: &str, to: &str) {
        let file = self.repository().join("generated/dev/modules").join(file);
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains(from), "{from:?} is not in {}", file.display());
        fs::write(file, text.replacen(from, to, 1)).unwrap();
    }

    /// Replaces the generated files of dev's root.
    pub(crate) fn regenerate(&self, files: &BTreeMap<String, String>) {
        let root = self.repository().join("generated/dev");
        for (path, text) in files {
            fs::write(root.join(path), text).unwrap();
        }
    }

    /// Puts the `dofs` under test, and a `cargo` that runs it, first on the `PATH`, for [`Place::run_in_shell`].
    pub(crate) fn with_dofs(self) -> Self {
        let dofs = format!("exec '{}' \"$@\"", env!("CARGO_BIN_EXE_dofs"));
        let cargo = r#"while [ "$1" != -- ]; do shift; done; shift; exec dofs "$@""#;
        let place = self.with_programs(&[("dofs", &dofs), ("cargo", cargo)]);
        Place { path: None, ..place }
    }

    /// Runs a script to its end, with what is on the `PATH` and the programs of this place.
    #[track_caller]
    pub(crate) fn run_in_shell(&self, script: &str) -> Ran {
        Ran::of(self.shell(script).output().unwrap())
    }

    /// Starts a script.
    pub(crate) fn start_in_shell(&self, script: &str) -> Running {
        Running::start(self.shell(script))
    }

    #[expect(clippy::disallowed_methods, reason = "a shell of an operator")]
    fn shell(&self, script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        let all = std::env::var_os("PATH").unwrap_or_default();
        let own = [self.folder.join("bin")];
        let all = own.into_iter().chain(std::env::split_paths(&all));
        command.args(["-c", script]).env("DOFS_LOCAL_DIR", &self.folder).stdin(Stdio::null());
        command.env("PATH", std::env::join_paths(all).unwrap());
        command
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dofs"));
        if let Some(repository) = &self.repository {
            command.current_dir(repository);
        }
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

    /// Runs it to its end, and parses its JSON output.
    #[track_caller]
    pub(crate) fn json(&self, args: &[&str]) -> (Option<i32>, Value) {
        let ran = self.run(&[args, &["--format", "json"]].concat());
        let json = serde_json::from_str(&ran.stdout);
        (ran.code, json.unwrap_or_else(|err| panic!("{args:?}: {err}\n{ran:#?}")))
    }

    /// Starts it.
    pub(crate) fn start(&self, args: &[&str]) -> Running {
        Running::start(self.command(args))
    }

    /// Returns its running processes, which have their temporary files here.
    pub(crate) fn processes(&self) -> Vec<Process> {
        let marker = [b"TMPDIR=", self.folder.as_os_str().as_encoded_bytes()].concat();
        let is_ours = |it: &Process| {
            let temporary =
                it.environment.iter().any(|it| it.as_encoded_bytes().starts_with(&marker));
            temporary || it.folder.as_ref().is_some_and(|it| it.starts_with(&self.folder))
        };
        let mut found = processes::all().unwrap();
        found.retain(|it| !it.has_ended && is_ours(it));
        found
    }

    /// Checks that no process is left.
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

/// A running `dofs`. Dropping it ends the process.
pub(crate) struct Running {
    child: Child,
    said: Arc<Mutex<String>>,
}

impl Running {
    fn start(mut command: Command) -> Self {
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

    pub(crate) fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// Waits until its output contains a text.
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
        while !place.processes().iter().any(|it| it.command_line().contains(command)) {
            let ended = self.child.try_wait().unwrap();
            assert!(
                ended.is_none() && began.elapsed() < Duration::from_secs(300),
                "it does not run {command:?} ({ended:?}):\n{}",
                self.said()
            );
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// Returns the process of its emulated AWS.
    #[track_caller]
    pub(crate) fn emulator(&self) -> Process {
        let all = processes::all().unwrap();
        let found = all.into_iter().find(|it| {
            it.parent == Some(self.child.id()) && it.command_line().contains("watch.py")
        });
        found.unwrap_or_else(|| panic!("there is no emulator\n{}", self.said()))
    }

    pub(crate) fn interrupt(&self) {
        self.signal(Signal::INT);
    }

    /// Kills it.
    pub(crate) fn kill(&mut self) {
        self.signal(Signal::KILL);
        let _ = self.child.wait();
    }

    fn signal(&self, signal: Signal) {
        kill(self.child.id(), signal);
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
            // Send SIGINT, as Ctrl-C does, so that its child processes end, too.
            self.signal(Signal::INT);
            let _ = self.child.wait();
        }
    }
}

/// A file's path as an argument.
pub(crate) fn text(path: &Path) -> &str {
    OsStr::to_str(path.as_os_str()).unwrap()
}

/// Prints a figure, also if the test passes. Bypasses the test harness, which captures the output of passing tests.
pub(crate) fn measured(figure: &str) {
    let _ = writeln!(io::stdout(), "measured: {figure}");
}

/// Sends a signal to a process.
#[track_caller]
pub(crate) fn kill(process: u32, signal: Signal) {
    let process = Pid::from_raw(i32::try_from(process).unwrap()).unwrap();
    kill_process(process, signal).unwrap();
}

pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The folder with the functions' programs. `cargo xtask test` has built them.
#[expect(clippy::disallowed_methods, reason = "where the suite has built the functions")]
pub(crate) fn functions() -> PathBuf {
    if let Some(built) = std::env::var_os("DOFS_FUNCTIONS") {
        return built.into();
    }
    let mut cargo = processes::cargo::command();
    cargo.current_dir(repository()).args(["build", "--locked", "--package", "dofs"]);
    for function in Path::read_dir(&repository().join("lambdas")).unwrap() {
        let folder = function.unwrap().path();
        if folder.join("src/main.rs").exists() {
            cargo.arg("--package").arg(folder.file_name().unwrap());
        }
    }
    assert!(cargo.status().unwrap().success());
    Path::new(env!("CARGO_BIN_EXE_dofs")).parent().unwrap().to_owned()
}

/// Copies a folder without Terraform's own files.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        match path.is_dir() {
            _ if entry.file_name().to_string_lossy().starts_with(".terraform") => (),
            true => copy(&path, &target),
            false => drop(fs::copy(&path, &target).unwrap()),
        }
    }
}
