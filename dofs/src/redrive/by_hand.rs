//! Moves the selected dead letters one by one: receive, send, delete. In this order, a crash leaves a duplicate, which
//! `fulfill_order` tolerates, and never loses a message.

use std::collections::{HashMap, HashSet};

use aws_sdk_sqs::types::MessageSystemAttributeName;
use contracts::order::OrderRecord;

use super::{
    Outcome, Progress, depths,
    letter::{Filter, Letter, LetterReport},
    rounds::Rounds,
};
use crate::{
    aws::{AwsContext as _, Fault},
    interrupt::Interrupt,
    system::Services,
    tables,
    tell::warn,
};

/// The largest number of messages in one `ReceiveMessage`.
const AT_ONCE: i32 = 10;
/// The visibility timeout of received messages, so that a run sees each of them once. After a crash, other receivers see them
/// again after this time.
pub(super) const HOLD_SECONDS: i32 = 900;
/// Long polling: SQS asks all of its servers, so an empty answer means that the queue is empty.
const WAIT_SECONDS: i32 = 1;
/// After this many answers without a new message, the run ends.
const EMPTY: u32 = 2;

pub(super) async fn redrive(
    system: &Services,
    filter: &Filter,
    dry_run: bool,
    interrupt: &Interrupt,
    each: impl FnMut(Progress),
) -> anyhow::Result<Outcome> {
    let mut hands = Hands {
        system,
        filter,
        dry_run,
        from: system.queue_url(&system.names.dead_letters).await?,
        to: system.queue_url(&system.names.queue).await?,
        held: HashMap::new(),
        done: HashSet::new(),
        rounds: Rounds::default(),
        letters: Vec::new(),
        moved: 0,
        problems: Vec::new(),
        each,
        of: depths(system).await?.waiting,
    };
    let outcome = hands.work(interrupt).await;
    // Release the held messages, also after an error.
    hands.release().await;
    outcome?;
    Ok(Outcome {
        dry_run,
        moved: hands.moved,
        stayed: hands.held.len(),
        held: 0,
        coming: Vec::new(),
        letters: hands.letters,
        problems: hands.problems,
    })
}

struct Hands<'a, F> {
    system: &'a Services,
    filter: &'a Filter,
    dry_run: bool,
    from: String,
    to: String,
    /// Messages that stay: their ids, and the receipts to make them visible again.
    held: HashMap<String, String>,
    /// Ids of moved messages, and of the messages that were sent for them. Such a message may fail again and return during
    /// this run, but it has had its round.
    done: HashSet<String>,
    rounds: Rounds,
    letters: Vec<LetterReport>,
    moved: usize,
    problems: Vec<String>,
    each: F,
    of: usize,
}

impl<F: FnMut(Progress)> Hands<'_, F> {
    async fn work(&mut self, interrupt: &Interrupt) -> anyhow::Result<()> {
        let mut empty = 0;
        while empty < EMPTY && !interrupt.asked() {
            // Ctrl-C does not interrupt this call, because the received messages would stay hidden for minutes.
            let letters = self.receive().await?;
            let mut new = Vec::new();
            for letter in letters {
                // Insert it first, so that an error releases it.
                let receipt = letter.receipt.clone();
                let known = self.held.insert(letter.message_id.clone(), receipt).is_some();
                if !known && !self.done.contains(&letter.message_id) {
                    new.push(letter);
                }
            }
            empty = if new.is_empty() { empty + 1 } else { 0 };
            self.handle(new, interrupt).await?;
        }
        Ok(())
    }

    async fn handle(&mut self, letters: Vec<Letter>, interrupt: &Interrupt) -> anyhow::Result<()> {
        let keys = letters.iter().flat_map(Letter::keys).cloned().collect();
        let failures = tables::failures(self.system, keys).await?;
        failures.unreadable.iter().for_each(|it| warn(&it.to_string()));
        let ids: Vec<_> = letters.iter().filter_map(|it| it.order.clone()).collect();
        let orders = tables::orders(self.system, &ids).await?;
        orders.unreadable.iter().for_each(|it| warn(&it.to_string()));
        for letter in letters {
            if interrupt.asked() {
                break;
            }
            let report = letter.report(&failures.items, &orders.items, self.filter);
            if report.meant && !self.dry_run {
                self.put_back(&letter, &orders.items).await;
            }
            self.letters.push(report);
            (self.each)(Progress { of: self.of, seen: self.letters.len(), moved: self.moved });
        }
        Ok(())
    }

    async fn receive(&self) -> anyhow::Result<Vec<Letter>> {
        let answer = self
            .system
            .sqs
            .receive_message()
            .queue_url(&self.from)
            .max_number_of_messages(AT_ONCE)
            .visibility_timeout(HOLD_SECONDS)
            .wait_time_seconds(WAIT_SECONDS)
            .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp)
            .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount)
            .message_attribute_names("All")
            .send()
            .await
            .aws_context(|| "the dead letters cannot be received".to_owned())?;
        Ok(answer.messages.unwrap_or_default().into_iter().filter_map(Letter::of).collect())
    }

    /// Sends a message, then deletes the dead letter. If sending fails, the dead letter stays.
    async fn put_back(&mut self, letter: &Letter, orders: &[OrderRecord]) {
        let sqs = &self.system.sqs;
        let send = sqs.send_message().queue_url(&self.to).message_body(&letter.body);
        let id = &letter.message_id;
        let round = letter.order.as_ref().and_then(|it| self.rounds.of(it, orders));
        match send.set_message_attributes(Some(letter.asking(round))).send().await {
            Ok(sent) => self.done.extend(sent.message_id.into_iter().chain([id.clone()])),
            Err(err) => {
                let problem =
                    format!("the message {id} stays a dead letter, because sending it failed");
                return self.problems.push(in_words(&problem, &Fault::of(&err)));
            }
        }
        self.moved += 1;
        self.held.remove(id);
        let delete = sqs.delete_message().queue_url(&self.from).receipt_handle(&letter.receipt);
        if let Err(err) = delete.send().await {
            let problem = format!(
                "the message {id} was moved, but is still among the dead letters, because deleting it \
                 failed"
            );
            self.problems.push(in_words(&problem, &Fault::of(&err)));
        }
    }

    /// Makes the held messages visible again.
    async fn release(&mut self) {
        for (id, receipt) in &self.held {
            let change = self.system.sqs.change_message_visibility().queue_url(&self.from);
            let change = change.receipt_handle(receipt).visibility_timeout(0);
            if let Err(err) = change.send().await {
                let problem = format!(
                    "the message {id} stays hidden for up to {HOLD_SECONDS} seconds, because making it \
                     visible failed"
                );
                self.problems.push(in_words(&problem, &Fault::of(&err)));
            }
        }
    }
}

fn in_words(problem: &str, fault: &Fault) -> String {
    format!("{problem}: {fault}")
}
