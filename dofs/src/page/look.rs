//! Takes a snapshot of a system, with a bounded number of calls, each of which reads a bounded amount.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use aws_sdk_dynamodb::types::{AttributeValue, Select};
use aws_sdk_sfn::types::ExecutionStatus;
use aws_sdk_sqs::types::QueueAttributeName;
use contracts::{
    domain::{OrderId, OrderStatus},
    order::{FailedOrder, OrderRecord},
};

use super::{
    count::{PAGES, Tally},
    item::{self, Attributes, read},
    snapshot::{Count, Counts, Depths, Failure, Order, Snapshot, newest},
    watch::Looks,
};
use crate::{aws::AwsContext as _, system::System, tables};

/// How many orders of each status a snapshot reads.
const NEWEST: usize = 50;
/// How many failures the page shows.
const FAILURES: usize = 20;
/// How many executions a snapshot reads.
const EXECUTIONS: i32 = 200;
/// How many failure records are searched for unparsable messages, which no index has, and how often.
const SEARCHED: i32 = 1_000;
const SEARCH: Duration = Duration::from_secs(5);

/// The statuses of records, in the order in which orders pass through them: see [`newest`].
const RECORDED: [OrderStatus; 4] =
    [OrderStatus::Processing, OrderStatus::Failed, OrderStatus::Fulfilled, OrderStatus::Rejected];

/// Takes snapshots of a system.
#[derive(Debug)]
pub(super) struct Look {
    system: System,
    queues: Option<(String, String)>,
    tallies: BTreeMap<OrderStatus, Tally>,
    /// The records of the last snapshot, by status, so that unchanged records are not read again.
    records: BTreeMap<OrderStatus, BTreeMap<OrderId, OrderRecord>>,
    unreadable: Option<(Vec<Failure>, Instant)>,
}

impl Look {
    /// Returns one for this system.
    pub(super) fn at(system: System) -> Self {
        Look {
            system,
            queues: None,
            tallies: BTreeMap::new(),
            records: BTreeMap::new(),
            unreadable: None,
        }
    }
}

impl Looks for Look {
    async fn look(&mut self) -> anyhow::Result<Snapshot> {
        let depths = self.depths().await?;
        let accepted = self.accepted().await?;
        let (mut found, mut counts, mut failures) = (accepted, Counts::new(), Vec::new());
        for status in RECORDED {
            let (records, count) = self.recorded(status).await?;
            counts.insert(status, count);
            if status == OrderStatus::Failed {
                failures.extend(records.iter().filter_map(failure));
            }
            found.extend(records.into_iter().map(Order::from));
        }
        failures.extend(self.unreadable().await?);
        failures.sort_by(|a, b| b.at.cmp(&a.at));
        failures.truncate(FAILURES);
        let orders = newest(found);
        let accepted = orders.iter().filter(|it| it.status == OrderStatus::Accepted).count();
        let or_more = i32::try_from(accepted).is_ok_and(|it| it >= EXECUTIONS);
        counts.insert(OrderStatus::Accepted, Count { number: accepted, or_more });
        Ok(Snapshot { counts, depths, orders, failures })
    }
}

impl Look {
    /// Returns the orders with a running execution, which may have no record yet.
    async fn accepted(&self) -> anyhow::Result<Vec<Order>> {
        let call = self.system.sfn.list_executions().state_machine_arn(&self.system.machine_arn);
        let call = call.status_filter(ExecutionStatus::Running).max_results(EXECUTIONS);
        let running = call.send().await;
        let running =
            running.aws_context(|| "the running executions cannot be listed".to_owned())?;
        let running = running.executions.into_iter();
        let order = |it: aws_sdk_sfn::types::ExecutionListItem| {
            Some(Order {
                at: item::moment(&it.start_date)?,
                id: it.name,
                status: OrderStatus::Accepted,
                what: None,
                reason: None,
            })
        };
        Ok(running.filter_map(order).collect())
    }

    /// Returns the last changed orders with a status, and the number of orders with it.
    async fn recorded(&mut self, status: OrderStatus) -> anyhow::Result<(Vec<OrderRecord>, Count)> {
        let (keys, next) = tables::page(&self.system, status, NEWEST, None).await?;
        let seen = keys.items.len();
        let mut known = self.records.remove(&status).unwrap_or_default();
        known.retain(|id, it| keys.items.iter().any(|k| k.key == *id && k.range <= it.updated_at));
        let changed = keys.items.into_iter().map(|it| it.key).filter(|it| !known.contains_key(it));
        let changed: Vec<OrderId> = changed.collect();
        let found = tables::orders(&self.system, &changed).await?.items;
        known.extend(found.into_iter().map(|it| (it.order_id.clone(), it)));
        let records = known.values().cloned().collect();
        self.records.insert(status, known);
        if next.is_none() {
            return Ok((records, Count { number: seen, or_more: false }));
        }
        let tally = self.tallies.entry(status).or_default();
        let count = match tally.known(seen, Instant::now()) {
            Some(count) => count,
            None => tally.counted(count(&self.system, status).await?, Instant::now()),
        };
        Ok((records, count))
    }

    /// Returns the failures of unparsable messages, which are only in `failed_orders`.
    async fn unreadable(&mut self) -> anyhow::Result<Vec<Failure>> {
        if let Some((failures, found)) = &self.unreadable
            && found.elapsed() < SEARCH
        {
            return Ok(failures.clone());
        }
        let call = self.system.dynamodb.scan().table_name(&self.system.names.failed_orders);
        let call = call.limit(SEARCHED).filter_expression("begins_with(order_id, :message)");
        let message = AttributeValue::S("message-".to_owned());
        let page = call.expression_attribute_values(":message", message).send().await;
        let page = page.aws_context(|| "the failed orders cannot be read".to_owned())?;
        let failures = page.items().iter().filter_map(read::<FailedOrder>);
        let failures: Vec<_> = failures.map(Failure::from).collect();
        self.unreadable = Some((failures.clone(), Instant::now()));
        Ok(failures)
    }

    async fn depths(&mut self) -> anyhow::Result<Depths> {
        let (queue, dead_letters) = match &self.queues {
            Some(known) => known.clone(),
            None => {
                let names = &self.system.names;
                let queue = self.system.queue_url(&names.queue).await?;
                let dead_letters = self.system.queue_url(&names.dead_letters).await?;
                self.queues.insert((queue, dead_letters)).clone()
            }
        };
        let (waiting, in_flight) = depth(&self.system, &queue).await?;
        let (dead, held) = depth(&self.system, &dead_letters).await?;
        Ok(Depths { waiting, in_flight, dead: dead + held })
    }
}

async fn count(system: &System, status: OrderStatus) -> anyhow::Result<Count> {
    let mut number = 0;
    let mut after: Option<Attributes> = None;
    for _ in 0..PAGES {
        let call =
            tables::query(system, status).select(Select::Count).set_exclusive_start_key(after);
        let page = call.send().await.aws_context(|| "the orders cannot be counted".to_owned())?;
        number += usize::try_from(page.count).unwrap_or_default();
        after = page.last_evaluated_key;
        if after.is_none() {
            return Ok(Count { number, or_more: false });
        }
    }
    Ok(Count { number, or_more: true })
}

/// Returns the number of waiting and of hidden messages.
async fn depth(system: &System, url: &str) -> anyhow::Result<(u64, u64)> {
    let call = system.sqs.get_queue_attributes().queue_url(url);
    let answer = call.attribute_names(QueueAttributeName::All).send().await;
    let answer =
        answer.aws_context(|| format!("the attributes of the queue {url} cannot be read"))?;
    let number = |name| {
        let text = answer.attributes().and_then(|it| it.get(&name));
        text.and_then(|it| it.parse::<u64>().ok()).unwrap_or_default()
    };
    let waiting = number(QueueAttributeName::ApproximateNumberOfMessages);
    let delayed = number(QueueAttributeName::ApproximateNumberOfMessagesDelayed);
    let hidden = number(QueueAttributeName::ApproximateNumberOfMessagesNotVisible);
    Ok((waiting + delayed, hidden))
}

fn failure(record: &OrderRecord) -> Option<Failure> {
    Some(Failure {
        id: record.order_id.to_string(),
        at: record.failure_timestamp.clone().unwrap_or_else(|| record.updated_at.clone()),
        reason: record.failure_reason.clone()?,
        message: record.error_message.clone().map(String::from),
    })
}
