//! A server that answers every request alike, and keeps what it was sent.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    thread,
};

use tiny_http::{Header, Response, Server};

pub(crate) struct Stranger {
    server: Arc<Server>,
    requests: Arc<Mutex<Vec<Request>>>,
}

/// What was sent.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) headers: String,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// The IAM action of a call of AWS, such as `sqs:SendMessage`; `None` for any other request. Each of these calls is
    /// allowed by the action that bears its name.
    /// <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>
    pub(crate) fn action(&self) -> Option<String> {
        let lines = self.headers.lines().filter_map(|it| it.split_once(": "));
        let mut targets = lines.filter(|(name, _)| name.eq_ignore_ascii_case("x-amz-target"));
        let (service, call) = targets.next()?.1.split_once('.')?;
        let service = match service {
            "AmazonSQS" => "sqs",
            "AWSStepFunctions" => "states",
            "DynamoDB_20120810" => "dynamodb",
            other => panic!("{other} is no service that is known here"),
        };
        Some(format!("{service}:{call}"))
    }
}

impl Stranger {
    pub(crate) fn that_answers(status: u16, body: &str) -> Self {
        Self::that_answers_in_turn(&[(status, body)])
    }

    /// One answer after the other, and the last one from then on.
    pub(crate) fn that_answers_in_turn(answers: &[(u16, &str)]) -> Self {
        let answers: VecDeque<_> =
            answers.iter().map(|(status, body)| (*status, (*body).to_owned())).collect();
        let answers = Mutex::new(answers);
        Self::that_tells(move |_| {
            let mut answers = answers.lock().unwrap();
            match answers.len() {
                1 => answers[0].clone(),
                _ => answers.pop_front().unwrap(),
            }
        })
    }

    /// One that answers each request as it comes.
    pub(crate) fn that_tells(answer: impl Fn(&Request) -> (u16, String) + Send + 'static) -> Self {
        let server = Arc::new(Server::http("127.0.0.1:0").unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (listening, kept) = (server.clone(), requests.clone());
        thread::spawn(move || {
            for mut request in listening.incoming_requests() {
                let mut sent = Vec::new();
                request.as_reader().read_to_end(&mut sent).unwrap();
                let headers = request.headers().iter().map(|it| format!("{it}\n")).collect();
                let seen = Request { path: request.url().to_owned(), headers, body: sent };
                let (status, body) = answer(&seen);
                kept.lock().unwrap().push(seen);
                let kind = Header::from_bytes("Content-Type", "application/json").unwrap();
                let answer = Response::from_string(body).with_status_code(status);
                let _ = request.respond(answer.with_header(kind));
            }
        });
        Stranger { server, requests }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.server.server_addr())
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        self.server.unblock();
    }
}
