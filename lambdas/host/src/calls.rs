//! Lambda's runtime API: the calls that a function makes to Lambda.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::{
    io,
    time::{Duration, SystemTime},
};

use serde_json::Value;
use tiny_http::{Header, Method, Request, Response, Server};

use crate::Answer;

const VERSION: &str = "/2018-06-01/runtime/";

/// A call from a function.
pub(crate) enum Call {
    /// The function asks for the next event. The call stays open until it gets one.
    Next(Request),
    /// The function sends the result of an event.
    Answered {
        /// The request id of the event.
        request_id: String,
        /// The result.
        answer: Answer,
    },
    /// The function reports that it cannot start.
    InitError(String),
    /// A call that the runtime API does not have.
    Unknown(String),
}

/// The server for the calls of functions.
pub(crate) struct Calls(Server);

impl Calls {
    /// Listens on a free port of the loopback interface.
    pub(crate) fn listen() -> Self {
        Calls(
            Server::http("127.0.0.1:0")
                .unwrap_or_else(|err| panic!("listening on a free port failed: {err}")),
        )
    }

    /// Returns host and port, the value of `AWS_LAMBDA_RUNTIME_API`.
    pub(crate) fn address(&self) -> String {
        self.0.server_addr().to_string()
    }

    /// Returns the next call, or `None` if there is none within this time.
    pub(crate) fn receive(&self, within: Duration) -> io::Result<Option<Call>> {
        self.0.recv_timeout(within)?.map(read).transpose()
    }
}

fn read(mut request: Request) -> io::Result<Call> {
    let url = request.url().to_owned();
    let parts: Vec<&str> = url.strip_prefix(VERSION).unwrap_or_default().split('/').collect();
    let call = match (request.method(), &*parts) {
        (Method::Get, ["invocation", "next"]) => return Ok(Call::Next(request)),
        (Method::Post, ["invocation", id, "response"]) => {
            let answer = Answer::Response(body(&mut request)?);
            Call::Answered { request_id: (*id).to_owned(), answer }
        }
        (Method::Post, ["invocation", id, "error"]) => {
            let body = body(&mut request)?;
            let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
            let answer = Answer::Error {
                error_type: text("errorType"),
                error_message: text("errorMessage"),
            };
            Call::Answered { request_id: (*id).to_owned(), answer }
        }
        (Method::Post, ["init", "error"]) => Call::InitError(body(&mut request)?.to_string()),
        (method, _) => {
            let call = format!("{method} {url}");
            request.respond(Response::empty(404))?;
            return Ok(Call::Unknown(call));
        }
    };
    request.respond(Response::empty(202))?;
    Ok(call)
}

/// Parses a response as JSON. Lambda passes on any text, but the callers of our functions expect JSON.
fn body(request: &mut Request) -> io::Result<Value> {
    serde_json::from_reader(request.as_reader()).map_err(io::Error::other)
}

/// Sends an event to the function that asked for one.
pub(crate) fn give(
    next: Request,
    event: &[u8],
    request_id: &str,
    timeout: Duration,
) -> io::Result<()> {
    let deadline = SystemTime::now() + timeout;
    let deadline = deadline.duration_since(SystemTime::UNIX_EPOCH).map_err(io::Error::other)?;
    let headers = [
        ("Content-Type", "application/json"),
        ("Lambda-Runtime-Aws-Request-Id", request_id),
        ("Lambda-Runtime-Deadline-Ms", &deadline.as_millis().to_string()),
        ("Lambda-Runtime-Invoked-Function-Arn", ARN),
        ("Lambda-Runtime-Trace-Id", TRACE),
    ];
    let mut response = Response::from_data(event);
    for (name, value) in headers {
        let header = Header::from_bytes(name, value);
        response.add_header(
            header
                .map_err(|()| io::Error::other("a header has characters that are not allowed"))?,
        );
    }
    next.respond(response)
}

const ARN: &str = "arn:aws:lambda:ap-south-1:111111111111:function:under-test";
/// The trace header of every event.
pub const TRACE: &str =
    "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1";
