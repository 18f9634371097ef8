//! A fake server that records its requests.

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

/// It serves all connections in parallel, because clients keep their connections open.
pub(crate) struct Stranger {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    /// Ends when the server is dropped.
    server: Option<Runtime>,
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) headers: String,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// Returns the IAM action of a call of AWS, such as `sqs:SendMessage`; `None` for any other request. For these calls, the
    /// action has the name of the call.
    /// <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>
    pub(crate) fn action(&self) -> Option<String> {
        let lines = self.headers.lines().filter_map(|it| it.split_once(": "));
        let mut targets = lines.filter(|(name, _)| name.eq_ignore_ascii_case("x-amz-target"));
        let (service, call) = targets.next()?.1.split_once('.')?;
        let service = match service {
            "AmazonSQS" => "sqs",
            "AWSStepFunctions" => "states",
            "DynamoDB_20120810" => "dynamodb",
            other => panic!("{other} is not a service that this server knows"),
        };
        Some(format!("{service}:{call}"))
    }
}

impl Stranger {
    pub(crate) fn that_answers(status: u16, body: &str) -> Self {
        Self::that_answers_in_turn(&[(status, body)])
    }

    /// Gives these answers in turn, and then repeats the last one.
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

    /// Computes the answer from the request.
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
