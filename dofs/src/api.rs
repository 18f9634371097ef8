//! The HTTP API, as a customer sees it.

use std::time::{Duration, Instant};

use contracts::api::{ApiError, OrderAnswer, OrderView};
use serde::{Serialize, de::DeserializeOwned};

use crate::{http::proxy, target::ApiKey};

/// Where API Gateway looks for a key.
const API_KEY: &str = "x-api-key";

/// The API of one system.
#[derive(Debug, Clone)]
pub struct Api {
    url: String,
    key: Option<ApiKey>,
    agent: ureq::Agent,
}

/// What the API answered, and how long that took.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered<T> {
    /// What it was asked for, or why not.
    pub outcome: Result<T, Refused>,
    /// From the request to the last byte of the answer.
    pub took: Duration,
    /// After what time the API wants to be asked again.
    pub retry_after: Option<Duration>,
}

/// An answer other than the one that was hoped for.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refused {
    /// The API says no, in its own format.
    #[error("the API answered {status}: {}", told(.error))]
    Error {
        /// The HTTP status.
        status: u16,
        /// What it says.
        error: ApiError,
    },
    /// Something else answered, or what answered is something else.
    #[error("the answer ({status}) is not from the API of DOFS: {text}")]
    Strange {
        /// The HTTP status.
        status: u16,
        /// What it said, as far as it can be shown.
        text: String,
    },
    /// No answer came.
    #[error("no answer: {0}")]
    Nobody(String),
    /// The call cannot be made, now or later.
    #[error("the call cannot be made: {0}")]
    Impossible(String),
}

impl Refused {
    /// Which of all the ways to say no.
    pub fn kind(&self) -> String {
        match self {
            Refused::Error { status, error } => format!("{status} {}", error.error),
            Refused::Strange { status, .. } => format!("{status}, not by the API"),
            Refused::Nobody(_) => "no answer".to_owned(),
            Refused::Impossible(_) => "the call cannot be made".to_owned(),
        }
    }

    /// Whether the API takes no more at the moment: 429, or 503 where what it calls is throttled.
    pub fn throttles(&self) -> bool {
        matches!(
            self,
            Refused::Error { status: 429 | 503, .. } | Refused::Strange { status: 429 | 503, .. }
        )
    }

    /// Whether another attempt may be answered otherwise.
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
    /// The API in front of whose routes `url` stands.
    ///
    /// # Errors
    ///
    /// Where a variable names a proxy that cannot be used.
    pub fn new(url: &str) -> anyhow::Result<Self> {
        let timeout = Some(Duration::from_secs(30));
        let agent = ureq::Agent::config_builder()
            .timeout_global(timeout)
            .proxy(proxy(url)?)
            .http_status_as_error(false)
            // As many as a load has at once: a new connection for each call would be measured, too.
            .max_idle_connections(256)
            .max_idle_connections_per_host(256)
            .build()
            .into();
        Ok(Api { url: url.trim_end_matches('/').to_owned(), key: None, agent })
    }

    /// The same, for callers with a key.
    #[must_use]
    pub fn with_key(self, key: Option<ApiKey>) -> Self {
        Api { key, ..self }
    }

    /// In front of every route.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Places an order: an [`contracts::api::OrderRequest`], or any other JSON to see what comes of
    /// it. With a key, again and again is once.
    pub async fn place(&self, order: impl Serialize, key: Option<String>) -> Answered<OrderAnswer> {
        match serde_json::to_vec(&order) {
            Ok(order) => self.place_written(order, key).await,
            Err(err) => {
                let outcome = Err(Refused::Impossible(err.to_string()));
                Answered { outcome, took: Duration::ZERO, retry_after: None }
            }
        }
    }

    /// Places an order as it is written, byte for byte: whether it is one, the API says.
    pub async fn place_written(
        &self,
        order: Vec<u8>,
        key: Option<String>,
    ) -> Answered<OrderAnswer> {
        let (agent, url) = (self.agent.clone(), format!("{}/order", self.url));
        let caller = self.key.clone();
        answered(202, move || {
            let mut request = agent.post(url).header("Content-Type", "application/json");
            if let Some(caller) = caller {
                request = request.header(API_KEY, caller.header());
            }
            if let Some(key) = key {
                request = request.header("Idempotency-Key", key);
            }
            request.send(order)
        })
        .await
    }

    /// Where an order stands.
    pub async fn get(&self, order_id: &str) -> Answered<OrderView> {
        let (agent, url) = (self.agent.clone(), format!("{}/order/{order_id}", self.url));
        let caller = self.key.clone();
        answered(200, move || {
            let mut request = agent.get(url);
            if let Some(caller) = caller {
                request = request.header(API_KEY, caller.header());
            }
            request.call()
        })
        .await
    }
}

/// Makes a call on a thread of its own, since ureq waits for its answer.
async fn answered<T: DeserializeOwned + Send + 'static>(
    hoped: u16,
    call: impl FnOnce() -> Result<ureq::http::Response<ureq::Body>, ureq::Error> + Send + 'static,
) -> Answered<T> {
    let began = Instant::now();
    let called = tokio::task::spawn_blocking(move || {
        let mut answer = call()?;
        let retry_after = answer.headers().get("Retry-After").and_then(|it| it.to_str().ok());
        let retry_after = retry_after.and_then(|it| it.parse().ok()).map(Duration::from_secs);
        let text = answer.body_mut().read_to_string()?;
        Ok::<_, ureq::Error>((answer.status().as_u16(), text, retry_after))
    });
    let (outcome, retry_after) = match called.await {
        Ok(Ok((status, text, retry_after))) => (read(hoped, status, text), retry_after),
        Ok(Err(err)) => (Err(unanswered(&err)), None),
        Err(err) => (Err(Refused::Nobody(err.to_string())), None),
    };
    Answered { outcome, took: began.elapsed(), retry_after }
}

/// Why no answer came: what may pass, such as a connection that is refused while the API starts, and what does not.
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
        // A name that DNS does not know. A resolver that does not answer at the moment says "temporary".
        E::Io(_) => text.contains("failed to lookup address") && !text.contains("emporary"),
        _ => false,
    };
    if lasts { Refused::Impossible(text) } else { Refused::Nobody(text) }
}

fn read<T: DeserializeOwned>(hoped: u16, status: u16, text: String) -> Result<T, Refused> {
    if status == hoped
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

    /// What a server reads when it is asked for an order.
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
        assert!(runtime.block_on(api.get("1")).outcome.is_err());
        server.join().unwrap()
    }

    #[test]
    fn a_key_goes_into_the_header_that_api_gateway_reads() {
        assert!(asked(Some(ApiKey::from("drawn".to_owned()))).contains("x-api-key: drawn\r\n"));
        assert!(!asked(None).contains("x-api-key"));
    }
}
