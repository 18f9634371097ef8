//! Follows an order until it is decided: its status, and the steps of its execution.

use function_contract::time::Timestamp;
use std::time::{Duration, Instant};

use contracts::{
    api::OrderView,
    domain::{OrderId, OrderStatus},
};
use runtime::moment::Moment;
use serde::Serialize;

use crate::{
    execution::{History, Step, StepKind},
    interrupt::Interrupt,
    system::System,
};

/// Something that happened to an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Event {
    /// Milliseconds since the API accepted it. Each service writes timestamps with its own clock.
    pub after_ms: u64,
    /// Whether the event was not observed, but must have happened by then.
    pub at_most: bool,
    /// The event.
    pub what: What,
}

/// The kinds of events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The order has this status now.
    Status(OrderStatus),
    /// Its execution took a step.
    Execution(StepKind),
}

/// The result of following an order.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Followed {
    /// The order.
    pub order_id: OrderId,
    /// The events, sorted by time.
    pub events: Vec<Event>,
    /// The last answer of the API.
    pub view: Option<OrderView>,
    /// Whether it is decided.
    pub ended: bool,
    /// The error of the last attempt to read it. It does not affect the order.
    pub problem: Option<String>,
}

/// The first and the longest pause between two reads. The pause grows while nothing happens.
const LOOKS: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));
/// How long to wait for the end of the execution after the order is decided.
const LINGER: Duration = Duration::from_secs(3);

/// Follows an order until it is decided, the timeout is over, or a signal interrupts it.
pub async fn follow(
    system: &System,
    order: &OrderId,
    timeout: Duration,
    interrupt: &Interrupt,
    each: impl FnMut(&Event),
) -> Followed {
    let followed = Followed {
        order_id: order.clone(),
        events: Vec::new(),
        view: None,
        ended: false,
        problem: None,
    };
    let mut follower =
        Follower { system, followed, history: History::default(), waiting: Vec::new(), each };
    let (mut pause, mut deadline) = (LOOKS.0, Instant::now() + timeout);
    loop {
        if interrupt.unless(follower.look()).await.is_none() {
            break;
        }
        let followed = &follower.followed;
        if followed.ended && (follower.history.ended || followed.problem.is_some()) {
            break;
        }
        if followed.ended {
            deadline = deadline.min(Instant::now() + LINGER);
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() || interrupt.unless(tokio::time::sleep(pause.min(left))).await.is_none() {
            break;
        }
        pause = pause.mul_f64(1.1).min(LOOKS.1);
    }
    let mut followed = follower.followed;
    followed.events.sort_by_key(|it| it.after_ms);
    followed
}

struct Follower<'a, F> {
    system: &'a System,
    followed: Followed,
    history: History,
    /// Steps of the execution that are held back until the time of acceptance is known.
    waiting: Vec<Step>,
    each: F,
}

impl<F: FnMut(&Event)> Follower<'_, F> {
    async fn look(&mut self) {
        let order = self.followed.order_id.clone();
        self.followed.problem = None;
        let before = self.followed.view.as_ref().map(|it| it.status);
        match self.system.api.get(&order).await.outcome {
            Ok(view) => self.followed.view = Some(view),
            Err(err) => self.followed.problem = Some(err.to_string()),
        }
        // Read the history after the status, so that it contains the steps that led to the status.
        if !self.history.ended {
            match self.history.news(self.system, &order).await {
                Ok(news) => self.waiting.extend(news),
                Err(err) => self.followed.problem = Some(format!("{err:#}")),
            }
        }
        let Some(view) = &self.followed.view else { return };
        self.followed.ended = view.status.is_final();
        let mut events: Vec<_> =
            self.waiting.drain(..).map(|it| event(view, it.at, What::Execution(it.what))).collect();
        if Some(view.status) != before
            && let Some(at) = Moment::parse(&view.updated_at)
        {
            let now = event(view, at, What::Status(view.status));
            let earlier = self.followed.events.iter().chain(&events);
            events.extend(passed(earlier, before, &now));
            events.push(now);
        }
        events.sort_by_key(|it| it.after_ms);
        events.iter().for_each(&mut self.each);
        self.followed.events.extend(events);
    }
}

/// Returns the event PROCESSING if the order passed through that status between two reads. A fulfilled order was stored
/// before, and so was a failed order whose execution succeeded.
fn passed<'a>(
    mut earlier: impl Iterator<Item = &'a Event>,
    before: Option<OrderStatus>,
    now: &Event,
) -> Option<Event> {
    let succeeded = What::Execution(StepKind::Ended("SUCCEEDED".to_owned()));
    let succeeded = earlier.find(|it| it.what == succeeded).map(|it| it.after_ms);
    let stored = match now.what {
        What::Status(OrderStatus::Fulfilled) => true,
        What::Status(OrderStatus::Failed) => succeeded.is_some(),
        _ => false,
    };
    let missed = stored && before != Some(OrderStatus::Processing);
    missed.then(|| Event {
        after_ms: succeeded.unwrap_or(now.after_ms).min(now.after_ms),
        at_most: true,
        what: What::Status(OrderStatus::Processing),
    })
}

fn event(view: &OrderView, at: Moment, what: What) -> Event {
    Event { after_ms: after(&view.created_at, at), at_most: false, what }
}

/// Returns the milliseconds from a timestamp to a moment, or 0 if the timestamp cannot be parsed.
fn after(taken: &Timestamp, at: Moment) -> u64 {
    let taken = Moment::parse(taken).unwrap_or(at);
    at.millis().saturating_sub(taken.millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_count_from_the_acceptance() {
        fn check(taken: &str, at: u64, expected: u64) {
            let taken = Timestamp::try_from(taken.to_owned()).unwrap();
            assert_eq!(after(&taken, Moment::from_millis(at)), expected, "{taken} {at}");
        }
        check("2025-07-20T13:06:28.324Z", 1_753_016_788_324, 0);
        check("2025-07-20T13:06:28.324Z", 1_753_016_789_000, 676);
        // The clocks of services differ, so an event may seem to precede the acceptance.
        check("2025-07-20T13:06:28.324Z", 1_753_016_788_000, 0);
        check("2025-02-30T00:00:00.000Z", 1_753_016_788_000, 0);
    }

    #[test]
    fn a_skipped_processing_status_is_reported() {
        use OrderStatus::{Accepted, Failed, Fulfilled, Processing, Rejected};
        fn check(
            before: Option<OrderStatus>,
            succeeded: Option<u64>,
            now: (u64, OrderStatus),
            expected: Option<u64>,
        ) {
            let event = |after_ms, what| Event { after_ms, at_most: false, what };
            let ended = What::Execution(StepKind::Ended("SUCCEEDED".to_owned()));
            let earlier: Vec<_> = succeeded.map(|it| event(it, ended)).into_iter().collect();
            let now = event(now.0, What::Status(now.1));
            let found = passed(earlier.iter(), before, &now);
            assert_eq!(found.map(|it| it.after_ms), expected, "{before:?} {succeeded:?} {now:?}");
        }
        check(Some(Accepted), Some(5), (7, Fulfilled), Some(5));
        check(Some(Accepted), None, (7, Fulfilled), Some(7));
        check(None, Some(9), (7, Fulfilled), Some(7));
        check(Some(Processing), Some(5), (7, Fulfilled), None);
        check(Some(Accepted), Some(5), (7, Failed), Some(5));
        check(Some(Accepted), None, (7, Failed), None);
        check(Some(Accepted), Some(5), (7, Rejected), None);
        check(None, None, (0, Accepted), None);
    }
}
