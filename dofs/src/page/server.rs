//! The routes of the page's server.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, Path, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{
        IntoResponse as _, Response,
        sse::{Event as Sent, KeepAlive, Sse},
    },
    routing::{get, post},
};
use contracts::{api::PlaceOrder, idempotency::IdempotencyKey};
use function_contract::{
    api::{RequestHeader as _, Route as _},
    http::ApiError,
};
use futures::{Stream, StreamExt as _, stream};
use serde::Serialize;
use tokio::sync::watch::Receiver;

use super::{
    details::Details,
    files::{FILES, POLICY, index},
    guard::admit,
    watch::Watch,
    work::{self, Work},
};
use crate::{api::Refused, system::System};

/// The limit for the body of an order. The API's own limit is lower, so its error is shown.
const LONGEST: usize = 256 * 1_024;
/// The limit for an id. The longest is `message-` with the id of a message.
const LONGEST_ID: usize = 128;
/// The interval of keep-alive events, which detect a browser that is gone.
const ALIVE: Duration = Duration::from_secs(15);

#[derive(Debug, Clone)]
struct Page {
    system: System,
    watch: Arc<Watch>,
    work: Option<Receiver<Work>>,
    port: u16,
}

/// Returns the routes.
pub(super) fn router(
    system: System,
    watch: Arc<Watch>,
    work: Option<Receiver<Work>>,
    port: u16,
) -> Router {
    let html = index(system.environment.as_str());
    let page = Page { system, watch, work, port };
    let mut router = Router::new()
        .route("/", get(async move || file("text/html; charset=utf-8", html)))
        .route("/events", get(events))
        .route("/orders/{id}", get(details))
        .route(&PlaceOrder {}.path(), post(place).layer(DefaultBodyLimit::max(LONGEST)));
    for &(path, kind, text) in FILES {
        router = router.route(path, get(async move || file(kind, text)));
    }
    router.layer(middleware::from_fn_with_state(page.clone(), guarded)).with_state(page)
}

/// Refuses requests that do not come from the page, and sets the security headers.
async fn guarded(State(page): State<Page>, request: Request, next: Next) -> Response {
    let admitted = admit(page.port, request.method(), request.uri().path(), request.headers());
    let mut answer = match admitted {
        Ok(()) => next.run(request).await,
        Err(stranger) => problem(StatusCode::FORBIDDEN, "FORBIDDEN", stranger.message()),
    };
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    answer
}

/// Sends the events.
async fn events(
    State(page): State<Page>,
) -> Sse<impl Stream<Item = Result<Sent, Infallible>> + use<>> {
    let events = page.watch.listen().await;
    let events = events.filter_map(async |event| {
        let json = serde_json::to_string(&*event).ok()?;
        Some(Ok(Sent::default().event(event.name()).data(json)))
    });
    let work = work::followed(page.work.clone()).filter_map(async |work| {
        let json = serde_json::to_string(&work).ok()?;
        Some(Ok(Sent::default().event("work").data(json)))
    });
    let sent = stream::select(Box::pin(events), Box::pin(work));
    Sse::new(sent).keep_alive(KeepAlive::new().interval(ALIVE))
}

/// Returns the details of one order.
async fn details(State(page): State<Page>, Path(id): Path<String>) -> Response {
    let found = match id.len() <= LONGEST_ID {
        true => Details::of(&page.system, &id).await,
        false => Ok(None),
    };
    match found {
        Ok(Some(details)) => json(StatusCode::OK, &details),
        Ok(None) => problem(StatusCode::NOT_FOUND, "ORDER_NOT_FOUND", "There is no such order."),
        Err(err) => problem(StatusCode::BAD_GATEWAY, "NO_ANSWER", &format!("{err:#}")),
    }
}

/// Places an order unchanged. The API validates it.
async fn place(State(page): State<Page>, headers: HeaderMap, order: String) -> Response {
    let key = headers.get(IdempotencyKey::NAME).and_then(|it| it.to_str().ok()).map(str::to_owned);
    match page.system.api.place_written(order.into_bytes(), key).await.outcome {
        Ok(answer) => json(StatusCode::ACCEPTED, &answer),
        Err(Refused::Error { status, error }) => {
            json(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY), &error)
        }
        Err(refused) => problem(StatusCode::BAD_GATEWAY, "NO_ANSWER", &refused.to_string()),
    }
}

fn file(kind: &'static str, text: impl Into<Body>) -> Response {
    ([(header::CONTENT_TYPE, kind)], text.into()).into_response()
}

/// Returns an error in the format of the API, so that the page parses only one format.
fn problem(status: StatusCode, error: &str, message: &str) -> Response {
    let (error, message) = (error.to_owned(), message.to_owned());
    json(status, &ApiError { error, message, problems: Vec::new(), request_id: String::new() })
}

fn json(status: StatusCode, value: &impl Serialize) -> Response {
    // All values are strings and numbers, so serialization cannot fail.
    let text = serde_json::to_string(value).unwrap_or_default();
    (status, [(header::CONTENT_TYPE, "application/json")], text).into_response()
}
