//! A server that answers every request alike, and keeps what it was sent.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, StatusCode, Uri, header::CONTENT_TYPE},
};
use tokio::{net::TcpListener, runtime::Runtime};

/// It serves each connection at once, however many there are: a client keeps its own for later.
pub(crate) struct Stranger {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    /// Ends with the stranger.
    server: Option<Runtime>,
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
        let server = Runtime::new().unwrap();
        let listener = server.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (answer, kept) = (Arc::new(Mutex::new(answer)), requests.clone());
        let routes =
            Router::new().fallback(async move |uri: Uri, headers: HeaderMap, body: Bytes| {
                let headers = headers
                    .iter()
                    .map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap()));
                let path = uri.path_and_query().unwrap().to_string();
                let seen = Request { path, headers: headers.collect(), body: body.to_vec() };
                let (status, body) = answer.lock().unwrap()(&seen);
                kept.lock().unwrap().push(seen);
                (StatusCode::from_u16(status).unwrap(), [(CONTENT_TYPE, "application/json")], body)
            });
        server.spawn(async move { axum::serve(listener, routes).await });
        Stranger { address, requests, server: Some(server) }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            server.shutdown_background();
        }
    }
}
