//! Runs functions like Lambda: as processes that get events over the runtime API. Measures the time of each call.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::{
    fs::File,
    io::{self, Read as _, Seek as _},
    net::{SocketAddr, TcpStream},
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    time::{Duration, Instant, SystemTime},
};

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process};
use wait4::Wait4 as _;

use super::{
    event::Event,
    http::{self, Request},
};

/// The time limit of each step of a function. Under a tracer, a start takes seconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// The runtime API. It serves one function at a time.
pub(super) struct Lambda {
    address: SocketAddr,
    calls: Receiver<Call>,
}

/// A request of a function to the runtime API.
enum Call {
    /// It asks for an event, and waits on this connection.
    Next { at: Instant, stream: TcpStream },
    /// It has answered its event.
    Answered { at: Instant, body: String },
    /// It failed, with an event or without.
    Failed(String),
}

impl Lambda {
    pub(super) fn listen() -> anyhow::Result<Self> {
        let (sender, calls) = mpsc::channel();
        let address = http::serve(move |request, stream| {
            let (at, call) = (request.at, request.path.rsplit('/').next().unwrap_or_default());
            let body = |it: Request| String::from_utf8_lossy(&it.body).into_owned();
            let call = match call {
                "next" => {
                    let _ = sender.send(Call::Next { at, stream: stream.try_clone()? });
                    return Ok(());
                }
                "response" => Call::Answered { at, body: body(request) },
                _ => Call::Failed(format!("{}: {}", request.path.clone(), body(request))),
            };
            // The receiver is gone if the function was ended.
            let _ = sender.send(call);
            http::respond(stream, "202 Accepted", &[], "{}")
        });
        Ok(Lambda { address: address.context("there is no free port")?, calls })
    }

    /// Starts a function, and waits until it asks for its first event. It sees the variables of the
    /// command and those that Lambda sets, and no other.
    pub(super) fn start(&self, mut command: Command) -> anyhow::Result<Function<'_>> {
        // The last calls of the process before.
        while self.calls.try_recv().is_ok() {}
        let output = tempfile::tempfile()?;
        command
            .env("AWS_LAMBDA_RUNTIME_API", self.address.to_string())
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output.try_clone()?);
        let begin = Instant::now();
        let process = command.spawn().with_context(|| format!("{command:?} cannot be started"))?;
        let mut function = Function {
            calls: &self.calls,
            process: Some(process),
            output,
            begin,
            init: Duration::ZERO,
            next: None,
            events: 0,
        };
        function.init = function.asks()?.duration_since(begin);
        Ok(function)
    }
}

/// A function's process. It ends when this is dropped.
pub(super) struct Function<'a> {
    calls: &'a Receiver<Call>,
    process: Option<Child>,
    output: File,
    begin: Instant,
    init: Duration,
    /// The connection on which it waits for its next event.
    next: Option<TcpStream>,
    events: u32,
}

/// An answer, and its times.
pub(super) struct Answer {
    /// From the event to the answer.
    pub(super) took: Duration,
    /// From the start of the process to the answer.
    pub(super) since_start: Duration,
}

impl Function<'_> {
    /// From the start of the process to the first call for an event.
    pub(super) fn init(&self) -> Duration {
        self.init
    }

    /// Sends it an event, and waits for the answer and for the request for the next event.
    pub(super) fn invoke(&mut self, event: &Event) -> anyhow::Result<Answer> {
        let stream = self.next.take().context("the function did not request an event")?;
        self.events += 1;
        let deadline = SystemTime::now() + PATIENCE;
        let deadline = deadline.duration_since(SystemTime::UNIX_EPOCH)?.as_millis().to_string();
        let id = format!("8476a536-e9f4-11e8-9739-{:012}", self.events);
        let headers = [
            ("Lambda-Runtime-Aws-Request-Id", id.as_str()),
            ("Lambda-Runtime-Deadline-Ms", &deadline),
            ("Lambda-Runtime-Invoked-Function-Arn", ARN),
            ("Lambda-Runtime-Trace-Id", TRACE),
        ];
        let sent = Instant::now();
        http::respond(&stream, "200 OK", &headers, &event.text)?;
        let answer = match self.called("sends no answer")? {
            Call::Answered { at, body } if body.contains(event.answer) => {
                Answer { took: at.duration_since(sent), since_start: at.duration_since(self.begin) }
            }
            Call::Answered { body, .. } => return Err(self.wrong(&format!("answers {body}"))),
            Call::Failed(why) => return Err(self.wrong(&format!("says {why}"))),
            Call::Next { .. } => return Err(self.wrong("asks for an event, and has one")),
        };
        self.asks()?;
        Ok(answer)
    }

    /// Returns its peak memory so far, in bytes.
    pub(super) fn peak(&self) -> anyhow::Result<f64> {
        let process = self.process.as_ref().context("it has ended")?;
        Ok(processes::peak(process.id())? as f64)
    }

    /// Ends it, and returns its processor time in seconds.
    pub(super) fn end(mut self) -> anyhow::Result<f64> {
        let process = self.process.take().context("it has ended")?;
        if let Some(pid) = Pid::from_raw(i32::try_from(process.id())?) {
            // SIGTERM, not SIGKILL, so that a tracer can print its counts before it ends.
            kill_process(pid, Signal::TERM)?;
        }
        let used = process.wait4()?;
        Ok((used.rusage.utime + used.rusage.stime).as_secs_f64())
    }

    fn asks(&mut self) -> anyhow::Result<Instant> {
        match self.called("requests no event")? {
            Call::Next { at, stream } => {
                self.next = Some(stream);
                Ok(at)
            }
            Call::Answered { .. } => bail!(self.wrong("answers without an event")),
            Call::Failed(why) => bail!(self.wrong(&format!("says {why}"))),
        }
    }

    fn called(&mut self, otherwise: &str) -> anyhow::Result<Call> {
        let begin = Instant::now();
        while begin.elapsed() < PATIENCE {
            match self.calls.recv_timeout(Duration::from_millis(200)) {
                Ok(call) => return Ok(call),
                Err(RecvTimeoutError::Disconnected) => bail!("the runtime API has ended"),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if let Some(process) = &mut self.process
                && let Some(status) = process.try_wait()?
            {
                return Err(self.wrong(&format!("has ended ({status})")));
            }
        }
        Err(self.wrong(otherwise))
    }

    /// The problem of the function, and its output.
    fn wrong(&mut self, what: &str) -> anyhow::Error {
        let mut printed = Vec::new();
        let read = self.output.rewind().and_then(|()| self.output.read_to_end(&mut printed));
        let printed = read.map_or_else(
            |err: io::Error| err.to_string(),
            |_| String::from_utf8_lossy(&printed).into_owned(),
        );
        anyhow::anyhow!("the function {what}; it printed:\n{}", printed.trim_end())
    }
}

impl Drop for Function<'_> {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

const ARN: &str = "arn:aws:lambda:ap-south-1:111111111111:function:measured";
const TRACE: &str = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_that_does_not_start_is_an_error_with_its_output() {
        fn check(script: &str, expected: &[&str]) {
            let mut shell = Command::new("sh");
            shell.args(["-c", script]);
            let lambda = Lambda::listen().unwrap();
            let said = lambda.start(shell).err().unwrap().to_string();
            assert!(expected.iter().all(|it| said.contains(it)), "{said}");
        }
        check("echo so it goes; exit 7", &["has ended (exit status: 7)", "so it goes"]);
        check("echo so it goes >&2; kill -9 $$", &["has ended (signal: 9", "so it goes"]);
    }

    /// A function as a shell script: it requests events and runs the given commands.
    fn function(says: &str) -> Command {
        let script = format!(
            r#"
            host=${{AWS_LAMBDA_RUNTIME_API%:*}} port=${{AWS_LAMBDA_RUNTIME_API#*:}}
            exec 3<>/dev/tcp/$host/$port
            while printf 'GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n\r\n' >&3; do
              while read -r line <&3 && [ "$line" != $'\r' ]; do :; done
              read -r -N 2 event <&3
              printf 'POST /2018-06-01/runtime/invocation/1/{says}' >&3
              while read -r line <&3 && [ "$line" != $'\r' ]; do :; done
              read -r -N 2 nothing <&3
            done
            "#
        );
        let mut bash = Command::new("bash");
        bash.args(["-c", &script]);
        bash
    }

    #[test]
    fn only_the_right_answer_counts() {
        fn check(says: &str, expected: Option<&str>) {
            let lambda = Lambda::listen().unwrap();
            let mut function = lambda.start(function(says)).unwrap();
            let event = Event { text: "{}".to_owned(), answer: "PROCESSING" };
            for _ in 0..3 {
                let said = function.invoke(&event).err().map(|it| it.to_string());
                match expected {
                    Some(expected) => return assert!(said.unwrap().contains(expected)),
                    None => assert_eq!(said, None),
                }
            }
            assert!(function.init() > Duration::ZERO && function.peak().unwrap() > 0.0);
            assert!(function.end().unwrap() >= 0.0);
        }
        let (answer, error) = ("response HTTP/1.1\\r\\nContent-Length:", "error HTTP/1.1\\r\\n");
        check(&format!("{answer} 10\\r\\n\\r\\nPROCESSING"), None);
        check(&format!("{answer} 6\\r\\n\\r\\nFAILED"), Some("answers FAILED"));
        check(
            &format!("{error}Content-Length: 5\\r\\n\\r\\nPanic"),
            Some("invocation/1/error: Panic"),
        );
    }
}
