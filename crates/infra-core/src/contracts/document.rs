//! Collects the data of a stack, its schemas, and its writers and readers.

use std::collections::{BTreeMap, BTreeSet};

use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value};

use super::{Contracts, Entry, addresses, longest};
use crate::{
    model::{
        Address, Stack,
        data::{DataKind, Held},
    },
    wiring::{Who, Wiring},
};

const DAY: u64 = 86_400;

/// How long after its end an execution can be redriven.
///
/// <https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html>
const REDRIVABLE: u64 = 14 * DAY;

/// How long Step Functions keeps the input of an execution after its end.
///
/// <https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html>
const DESCRIBED: u64 = 90 * DAY;

pub(super) fn of(stack: &Stack) -> Contracts {
    let held = stack.held();
    if held.is_empty() {
        return Contracts::default();
    }
    let mut schemas = SchemaSettings::draft2020_12().into_generator();
    let wiring = Wiring::of(stack);
    let flows = Flows::of(&wiring);
    let mut data: BTreeMap<String, BTreeMap<DataKind, Entry>> = BTreeMap::new();
    for it in held {
        let entry = entry(it, &flows, held, &mut schemas);
        let entries = data.entry(it.at.to_string()).or_default();
        entries.insert(it.kind, entry);
    }
    let definitions = schemas.take_definitions(true);
    let definitions = definitions.into_iter().map(|(name, it)| (name, plain(it))).collect();
    Contracts { definitions, data, ..Contracts::default() }
}

fn entry(held: &Held, flows: &Flows<'_>, all: &[Held], schemas: &mut SchemaGenerator) -> Entry {
    let at = &held.at;
    let schema = plain((held.shape.schema)(schemas).to_value());
    let mut kept = held.kept;
    let (written_by, read_by) = match held.kind {
        DataKind::Message => {
            // A redrive puts dead letters back into their queue.
            let queue = flows.sources.get(at).copied();
            let dead =
                flows.sources.iter().filter(|(_, queue)| *queue == &at).map(|(dead, _)| *dead);
            let dead = dead.filter_map(|dead| all.iter().find(|it| it.at == *dead));
            kept = dead.map(|it| it.kept).fold(kept, longest);
            let writers = flows.to(at, &["sqs:SendMessage"]).chain(queue);
            (writers.collect(), flows.to(queue.unwrap_or(at), &["sqs:ReceiveMessage"]).collect())
        }
        DataKind::Item => (
            flows.to(at, &["dynamodb:PutItem", "dynamodb:UpdateItem"]).collect(),
            flows.to(at, &["dynamodb:GetItem", "dynamodb:Query"]).collect(),
        ),
        DataKind::Input if at.tf_type() == "aws_sfn_state_machine" => {
            let described: BTreeSet<_> = flows.to(at, &["states:DescribeExecution"]).collect();
            let after = if described.is_empty() { REDRIVABLE } else { DESCRIBED };
            kept = kept.map(|it| it + after);
            let readers = described.into_iter().chain([at]).collect();
            (flows.to(at, &["states:StartExecution"]).collect(), readers)
        }
        DataKind::Input | DataKind::Output => {
            let callers: BTreeSet<&Address> = flows.to(at, &["lambda:InvokeFunction"]).collect();
            // An execution calls functions with the data and the definition with which it began.
            let execution = all.iter().filter(|it| callers.contains(&it.at));
            let execution = execution.map(|it| it.kept.map(|it| it + REDRIVABLE));
            kept = execution.fold(Some(0), longest);
            match held.kind {
                DataKind::Input => (callers, BTreeSet::from([at])),
                _ => (BTreeSet::from([at]), callers),
            }
        }
    };
    Entry {
        kept_seconds: kept,
        read_by: addresses(read_by),
        schema,
        written_by: addresses(written_by),
    }
}

/// Who has which rights on which resource.
struct Flows<'s> {
    rights: BTreeMap<&'s Address, Vec<(&'s Address, &'s str)>>,
    /// The queue of each dead-letter queue.
    sources: BTreeMap<&'s Address, &'s Address>,
}

impl<'s> Flows<'s> {
    fn of(wiring: &Wiring<'s>) -> Self {
        let mut rights: BTreeMap<&Address, Vec<(&Address, &str)>> = BTreeMap::new();
        for right in wiring.rights().filter(|it| it.allows) {
            let Who::Block(who) = right.who else { continue };
            for on in &right.on {
                let all = rights.entry(*on).or_default();
                all.extend(right.actions.iter().map(|it| (who, *it)));
            }
        }
        let mut sources = BTreeMap::new();
        for block in wiring.stack().nodes() {
            if block.address.tf_type() != "aws_sqs_queue_redrive_policy" {
                continue;
            }
            let uses: Vec<_> = wiring.uses(&block.address).collect();
            let queue = |attribute| {
                uses.iter().find(|(_, all)| all.contains(&attribute)).map(|(it, _)| *it)
            };
            // The policy is on the queue by its id, and names the dead-letter queue by its ARN.
            if let (Some(from), Some(to)) = (queue("id"), queue("arn")) {
                sources.insert(to, from);
            }
        }
        Flows { rights, sources }
    }

    /// Who has one of these rights on a resource.
    fn to<'f>(
        &'f self,
        on: &Address,
        actions: &'f [&str],
    ) -> impl Iterator<Item = &'s Address> + use<'f, 's> {
        let rights = self.rights.get(on).into_iter().flatten();
        rights.filter(|(_, action)| actions.contains(action)).map(|(who, _)| *who)
    }
}

/// A schema without its texts for people, which change nothing.
fn plain(schema: Value) -> Value {
    match schema {
        Value::Array(all) => all.into_iter().map(plain).collect(),
        Value::Object(fields) => {
            let is_text = |name: &str, it: &Value| {
                it.is_string() && matches!(name, "$schema" | "description" | "title")
            };
            let fields = fields.into_iter().filter(|(name, it)| !is_text(name, it));
            Value::Object(fields.map(|(name, it)| (name, plain(it))).collect::<Map<_, _>>())
        }
        other => other,
    }
}
