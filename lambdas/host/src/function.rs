//! The process of a function, and its events one after the other.

use std::{
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use tiny_http::Request;

use crate::{
    Answer, Output,
    calls::{self, Call, Calls},
    environment,
};

/// The timeout of one event. The function gets the deadline with the event, as on Lambda.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The interval of the checks whether the process is still running.
const LOOK: Duration = Duration::from_millis(20);

/// The process of a function. It is killed when this value is dropped.
pub struct Function {
    process: Child,
    calls: Calls,
    output: Output,
    timeout: Duration,
    /// The open call for the next event.
    next: Option<Request>,
    events: u32,
    request_id: String,
}

/// The end of a function that could not start.
#[derive(Debug)]
pub struct Ended {
    /// The exit status of the process.
    pub status: ExitStatus,
    /// The output of the process.
    pub output: Output,
}

impl Function {
    /// Starts a binary with only Lambda's variables and `variables`, and waits until it asks for its first event.
    ///
    /// # Panics
    ///
    /// If it does not ask for an event in time.
    #[track_caller]
    pub fn start(binary: &str, variables: &[(&str, &str)]) -> Self {
        Self::start_command(Command::new(Path::new(binary)), variables, TIMEOUT)
    }

    /// Starts a binary whose initialisation must fail, and waits until it ends.
    ///
    /// # Panics
    ///
    /// If it asks for an event, or does not end in time.
    #[track_caller]
    pub fn start_in_vain(binary: &str, variables: &[(&str, &str)]) -> Ended {
        let mut function = Self::launch(Command::new(Path::new(binary)), variables, TIMEOUT);
        let begin = Instant::now();
        loop {
            match function.calls.receive(LOOK) {
                Ok(Some(Call::Next(_))) => function.give_up("started"),
                Ok(_) => {}
                Err(err) => function.give_up(&err.to_string()),
            }
            if let Ok(Some(status)) = function.process.try_wait() {
                let output = Output::new().unwrap_or_else(|err| {
                    panic!("the file for the output cannot be created: {err}")
                });
                return Ended { status, output: std::mem::replace(&mut function.output, output) };
            }
            if begin.elapsed() > function.timeout {
                function.give_up("did not end in time");
            }
        }
    }

    #[track_caller]
    fn start_command(command: Command, variables: &[(&str, &str)], timeout: Duration) -> Self {
        let mut function = Self::launch(command, variables, timeout);
        function.next = Some(function.asked());
        function
    }

    #[track_caller]
    fn launch(mut command: Command, variables: &[(&str, &str)], timeout: Duration) -> Self {
        let calls = Calls::listen();
        let output = Output::new()
            .unwrap_or_else(|err| panic!("the file for the output cannot be created: {err}"));
        let sink = || {
            output
                .sink()
                .unwrap_or_else(|err| panic!("the file for the output cannot be opened: {err}"))
        };
        command
            .env_clear()
            .envs(environment::of_lambda(&calls.address()))
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(sink())
            .stderr(sink());
        let process =
            command.spawn().unwrap_or_else(|err| panic!("{command:?} cannot be started: {err}"));
        let request_id = String::new();
        Function { process, calls, output, timeout, next: None, events: 0, request_id }
    }

    /// Sends the function an event, which can be any text, and waits for the result.
    ///
    /// # Panics
    ///
    /// If the function does not answer in time, or ends.
    #[track_caller]
    pub fn invoke_text(&mut self, event: impl AsRef<[u8]>) -> Answer {
        let next = self.next.take().unwrap_or_else(|| self.asked());
        self.events += 1;
        self.request_id = format!("8476a536-e9f4-11e8-9739-{:012}", self.events);
        if let Err(err) = calls::give(next, event.as_ref(), &self.request_id, self.timeout) {
            self.give_up(&format!("did not take an event: {err}"));
        }
        match self.called("answer") {
            Call::Answered { request_id, answer } if request_id == self.request_id => answer,
            Call::Answered { request_id, .. } => {
                self.give_up(&format!("answered event {request_id}, not {}", self.request_id))
            }
            _ => self.give_up("asked for an event before it answered the last one"),
        }
    }

    /// Sends the function an event, and waits for the result.
    ///
    /// # Panics
    ///
    /// If the function does not answer in time, or ends.
    #[track_caller]
    pub fn invoke(&mut self, event: &Value) -> Answer {
        self.invoke_text(event.to_string())
    }

    /// Returns the request id of the last event.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// Returns the output so far.
    pub fn output(&self) -> &Output {
        &self.output
    }

    /// Returns the process id.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    #[track_caller]
    fn asked(&mut self) -> Request {
        match self.called("ask for an event") {
            Call::Next(next) => next,
            _ => self.give_up("answered without an event"),
        }
    }

    #[track_caller]
    fn called(&mut self, what: &str) -> Call {
        let begin = Instant::now();
        while begin.elapsed() < self.timeout {
            match self.calls.receive(LOOK) {
                Ok(Some(Call::InitError(why))) => self.give_up(&format!("cannot start: {why}")),
                Ok(Some(Call::Unknown(call))) => {
                    self.give_up(&format!("made a call that Lambda does not have: {call}"))
                }
                Ok(Some(call)) => return call,
                Err(err) => self.give_up(&format!("made a request that cannot be read: {err}")),
                Ok(None) => {}
            }
            if let Ok(Some(status)) = self.process.try_wait() {
                self.give_up(&format!("ended ({status}) when it should {what}"));
            }
        }
        self.give_up(&format!("did not {what} in {:?}", self.timeout))
    }

    #[track_caller]
    fn give_up(&self, why: &str) -> ! {
        panic!("the function {why}; {}", self.output)
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        // Kills by process id, which stays valid until the process has been waited for.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_function_that_does_not_answer_panics_with_its_output() {
        fn check(script: &str, expected: &[&str]) {
            let begin = Instant::now();
            let script = script.to_owned();
            let outcome = std::panic::catch_unwind(move || {
                Function::start_command(shell(&script), &[], Duration::from_millis(500))
            });
            let text = *outcome.err().unwrap().downcast::<String>().unwrap();
            assert!(expected.iter().all(|it| text.contains(it)), "{text}");
            assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
        }
        check("echo so it goes; exec sleep 60", &["did not ask for an event", "so it goes"]);
        check("echo so it goes >&2; exit 7", &["ended (exit status: 7)", "so it goes"]);
    }

    #[test]
    fn dropping_a_function_kills_its_process() {
        let function = Function::launch(shell("exec sleep 60"), &[], TIMEOUT);
        let process = function.pid();
        assert!(processes::find(process).unwrap().is_some());
        drop(function);
        assert!(processes::find(process).unwrap().is_none());
    }

    #[test]
    fn no_environment_variable_is_inherited() {
        let variables = [("AWS_REGION", "eu-west-1"), ("OWN", "1")];
        let mut function = Function::launch(shell("env"), &variables, TIMEOUT);
        function.process.wait().unwrap();
        let text = function.output.text();
        let is_set = |line: &str| text.lines().any(|it| it == line);
        assert!(is_set("AWS_REGION=eu-west-1") && is_set("OWN=1"), "{text}");
        assert!(is_set(&format!("AWS_LAMBDA_RUNTIME_API={}", function.calls.address())), "{text}");
        assert!(!text.contains("CARGO"), "{text}");
    }
}
