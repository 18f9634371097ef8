//! A client of the HTTP API, as a customer calls it.

use std::time::{Duration, Instant};

use contracts::{
    api::{OrderAnswer, OrderView, PlaceOrder, ReadOrder},
    domain::OrderId,
    idempotency::IdempotencyKey,
};
use function_contract::{
    api::{Answers, RequestHeader as _, Route},
    http::{API_KEY_HEADER, ApiError},
};
use serde::Serialize;

use crate::{http::proxy, target::ApiKey};

/// The API of one system.
#[derive(Debug, Clone)]
pub struct Api {
    url: String,
    key: Option<ApiKey>,
    agent: ureq::Agent,
}

/// An answer of the API, and its duration.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered<T> {
    /// The answer, or the reason for which there is none.
    pub outcome: Result<T, Refused>,
    /// The time from the request to the last byte of the answer.
    pub took: Duration,
    /// The `Retry-After` of the answer.
    pub retry_after: Option<Duration>,
}

/// The reason for which a call has no useful answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refused {
    /// The API answered with an error in its own format.
    #[error("the API answered {status}: {}", told(.error))]
    Error {
        /// The HTTP status.
        status: u16,
        /// The error.
        error: ApiError,
    },
    /// The answer is not in the API's format: another server answered, or the URL is wrong.
    #[error("the answer ({status}) is not from the API of DOFS: {text}")]
    Strange {
        /// The HTTP status.
        status: u16,
        /// The beginning of the answer.
        text: String,
    },
    /// No answer came, but another attempt may get one.
    #[error("no answer: {0}")]
    Nobody(String),
    /// The call cannot be made, and another attempt would fail in the same way.
    #[error("the call cannot be made: {0}")]
    Impossible(String),
}

impl Refused {
    /// Returns the kind of the error, by which errors are counted.
    pub fn kind(&self) -> String {
        match self {
            Refused::Error { status, error } => format!("{status} {}", error.error),
            Refused::Strange { status, .. } => format!("{status}, not by the API"),
            Refused::Nobody(_) => "no answer".to_owned(),
            Refused::Impossible(_) => "the call cannot be made".to_owned(),
        }
    }

    /// Whether the API throttles: 429, or 503 if a service behind it is throttled.
    pub fn throttles(&self) -> bool {
        matches!(
            self,
            Refused::Error { status: 429 | 503, .. } | Refused::Strange { status: 429 | 503, .. }
        )
    }

    /// Whether another attempt may succeed.
    pub fn may_pass(&self) -> bool {
        match self {
            Refused::Error { status, .. } | Refused::Strange { status, .. } => {
                *status == 429 || *status >= 500
            }
            Refused::Nobody(_) => true,
            Refused::Impossible(_) => false,
        }
    }
}

fn told(error: &ApiError) -> String {
    let problems = error.problems.iter().map(|it| format!("\n  {} {}", it.pointer, it.message));
    format!("{}: {}{}", error.error, error.message, problems.collect::<String>())
}

impl Api {
    /// Returns a client of the API at `url`, to which the routes are appended.
    ///
    /// # Errors
    ///
    /// If a variable names a proxy that cannot be used.
    pub fn new(url: &str) -> anyhow::Result<Self> {
        let timeout = Some(Duration::from_secs(30));
        let agent = ureq::Agent::config_builder()
            .timeout_global(timeout)
            .proxy(proxy(url)?)
            .http_status_as_error(false)
            // `dofs load` has this many calls at once. A new connection for each call would add to the measured time.
            .max_idle_connections(256)
            .max_idle_connections_per_host(256)
            .build()
            .into();
        Ok(Api { url: url.trim_end_matches('/').to_owned(), key: None, agent })
    }

    /// Returns the same client, which sends a key.
    #[must_use]
    pub fn with_key(self, key: Option<ApiKey>) -> Self {
        Api { key, ..self }
    }

    /// The URL to which the routes are appended.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The URL of a route.
    pub fn url_of(&self, route: &impl Route) -> String {
        format!("{}{}", self.url, route.path())
    }

    /// Places an order: an [`contracts::api::OrderRequest`], or any other JSON to see the answer. With an idempotency key,
    /// repeated calls place the order once.
    pub async fn place(&self, order: impl Serialize, key: Option<String>) -> Answered<OrderAnswer> {
        match serde_json::to_vec(&order) {
            Ok(order) => self.place_written(order, key).await,
            Err(err) => {
                let outcome = Err(Refused::Impossible(err.to_string()));
                Answered { outcome, took: Duration::ZERO, retry_after: None }
            }
        }
    }

    /// Places an order as it is, byte for byte. The API validates it.
    pub async fn place_written(
        &self,
        order: Vec<u8>,
        key: Option<String>,
    ) -> Answered<OrderAnswer> {
        let (agent, url) = (self.agent.clone(), self.url_of(&PlaceOrder {}));
        let caller = self.key.clone();
        answered::<PlaceOrder>(move || {
            let mut request = agent.post(url).header("Content-Type", "application/json");
            if let Some(caller) = caller {
                request = request.header(API_KEY_HEADER, caller.header());
            }
            if let Some(key) = key {
                request = request.header(IdempotencyKey::NAME, key);
            }
            request.send(order)
        })
        .await
    }

    /// Reads an order.
    pub async fn get(&self, order_id: &OrderId) -> Answered<OrderView> {
        let route = ReadOrder { order_id: order_id.clone() };
        let (agent, url) = (self.agent.clone(), self.url_of(&route));
        let caller = self.key.clone();
        answered::<ReadOrder>(move || {
            let mut request = agent.get(url);
            if let Some(caller) = caller {
                request = request.header(API_KEY_HEADER, caller.header());
            }
            request.call()
        })
        .await
    }
}

/// The body of an answer that is not an error.
type Body<R> = <<R as Route>::Answers as Answers>::Body;

/// Makes a call of a route on a thread of its own, because ureq blocks until the answer.
async fn answered<R: Route>(
    call: impl FnOnce() -> Result<ureq::http::Response<ureq::Body>, ureq::Error> + Send + 'static,
) -> Answered<Body<R>> {
    let began = Instant::now();
    let called = tokio::task::spawn_blocking(move || {
        let mut answer = call()?;
        let retry_after = answer.headers().get("Retry-After").and_then(|it| it.to_str().ok());
        let retry_after = retry_after.and_then(|it| it.parse().ok()).map(Duration::from_secs);
        let text = answer.body_mut().read_to_string()?;
        Ok::<_, ureq::Error>((answer.status().as_u16(), text, retry_after))
    });
    let (outcome, retry_after) = match called.await {
        Ok(Ok((status, text, retry_after))) => (read::<R>(status, text), retry_after),
        Ok(Err(err)) => (Err(unanswered(&err)), None),
        Err(err) => (Err(Refused::Nobody(err.to_string())), None),
    };
    Answered { outcome, took: began.elapsed(), retry_after }
}

/// Classifies an error of a request without a response. A connection that is refused while the API starts is temporary, and an
/// invalid address is permanent.
fn unanswered(err: &ureq::Error) -> Refused {
    use ureq::Error as E;
    let text = err.to_string();
    let lasts = match err {
        E::Http(_)
        | E::BadUri(_)
        | E::HostNotFound
        | E::InvalidProxyUrl
        | E::RequireHttpsOnly(_)
        | E::RedirectFailed
        | E::TooManyRedirects
        | E::Tls(_)
        | E::Rustls(_) => true,
        // DNS does not know the name. If the resolver does not answer at the moment, the error says "temporary".
        E::Io(_) => text.contains("failed to lookup address") && !text.contains("emporary"),
        _ => false,
    };
    if lasts { Refused::Impossible(text) } else { Refused::Nobody(text) }
}

fn read<R: Route>(status: u16, text: String) -> Result<Body<R>, Refused> {
    if status == R::Answers::STATUS
        && let Ok(answer) = serde_json::from_str(&text)
    {
        return Ok(answer);
    }
    match serde_json::from_str::<ApiError>(&text) {
        Ok(error) => Err(Refused::Error { status, error }),
        Err(_) => Err(Refused::Strange { status, text: text.chars().take(500).collect() }),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read as _, Write as _},
        net::TcpListener,
    };

    use super::*;

    /// Returns the request that a server receives for `GET` of an order.
    fn asked(key: Option<ApiKey>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let api = Api::new(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let api = api.with_key(key);
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut read = [0; 4096];
            let length = stream.read(&mut read).unwrap();
            stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n").unwrap();
            String::from_utf8_lossy(&read[..length]).to_lowercase()
        });
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let order = "0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3".to_owned().try_into().unwrap();
        assert!(runtime.block_on(api.get(&order)).outcome.is_err());
        server.join().unwrap()
    }

    #[test]
    fn a_key_goes_into_the_header_that_api_gateway_reads() {
        assert!(asked(Some(ApiKey::from("drawn".to_owned()))).contains("x-api-key: drawn\r\n"));
        assert!(!asked(None).contains("x-api-key"));
    }
}
