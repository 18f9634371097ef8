//! Finds resources that nothing uses: a queue without a consumer, a table without a reader, a key that encrypts nothing.
//!
//! rustc refuses a wrong wire, but not a missing one. A resource without use is a wire that was forgotten, or the rest of
//! something that was removed.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::HashMap;
use serde_json::Value;

use super::{
    Violation,
    policy::{Block, Blocks},
};
use crate::model::{Stack, policy::Posture, stack::Node};

/// A kind of resource, and what it needs so that it is not without use.
struct Lint {
    rule: &'static str,
    tf_type: &'static str,
    problem: &'static str,
    fix: &'static str,
    is_used: fn(&Ground<'_>, &Block<'_>) -> bool,
}

const ALL: &[Lint] = &[
    Lint {
        rule: "wiring/queue-without-sender",
        tf_type: "aws_sqs_queue",
        problem: "nothing sends messages to it, and it has no dead letters",
        fix: "give a function or a state machine the right to send to it, say that others send to it (Stack::others_send), or \
              remove it",
        is_used: |ground, queue| {
            ground.allows(queue, &["sqs:SendMessage"])
                || ground.takes_dead_letters(queue)
                || ground.stack.is_sent_to_by_others(queue.address)
        },
    },
    Lint {
        rule: "wiring/queue-without-consumer",
        tf_type: "aws_sqs_queue",
        problem: "nothing takes its messages, and it is not a queue for dead letters, which an operator handles",
        fix: "feed it to a function (Module::on_messages), or remove it",
        is_used: |ground, queue| {
            ground.allows(queue, &["sqs:ReceiveMessage"]) || ground.takes_dead_letters(queue)
        },
    },
    Lint {
        rule: "wiring/table-without-writer",
        tf_type: "aws_dynamodb_table",
        problem: "nothing writes to it",
        fix: "give a function or a state machine the right to write to it, or remove it",
        is_used: |ground, table| {
            let writes = ["dynamodb:PutItem", "dynamodb:UpdateItem"];
            ground.allows(table, &writes)
        },
    },
    Lint {
        rule: "wiring/table-without-reader",
        tf_type: "aws_dynamodb_table",
        problem: "nothing reads it",
        fix: "give a function or a state machine the right to read it, say that operators read it (Stack::operators_read), or \
              remove it",
        is_used: |ground, table| {
            let reads = ["dynamodb:GetItem", "dynamodb:Query"];
            ground.allows(table, &reads) || ground.stack.is_read_by_operators(table.address)
        },
    },
    Lint {
        rule: "wiring/function-without-caller",
        tf_type: "aws_lambda_function",
        problem: "nothing calls it",
        fix: "give it a route, a queue, a schedule or a state, or remove it",
        is_used: |ground, function| {
            let aliases = ground.users(function).filter(|it| it.is("aws_lambda_alias"));
            let by_alias = aliases.flat_map(|it| ground.of_address(it.0.address().as_str()));
            ground
                .users(function)
                .chain(by_alias)
                .any(|it| CALLERS.iter().any(|caller| it.is(caller)))
        },
    },
    Lint {
        rule: "wiring/topic-without-publisher",
        tf_type: "aws_sns_topic",
        problem: "no alarm and no notification goes to it",
        fix: "let an alarm or a notification go to it, or remove it",
        is_used: |ground, topic| {
            ground.is_used_by_others(topic, &["aws_sns_topic_policy", SUBSCRIPTION])
        },
    },
    Lint {
        rule: "wiring/topic-without-subscriber",
        tf_type: "aws_sns_topic",
        problem: "it has no subscriber, so its notifications reach no operator",
        fix: "subscribe the e-mail address of those who are on call",
        is_used: |ground, topic| {
            // Environments for developers wake no operator.
            ground.stack.posture() == Posture::Development
                || ground.users(topic).any(|it| it.is(SUBSCRIPTION))
        },
    },
    Lint {
        rule: "wiring/key-without-data",
        tf_type: "aws_kms_key",
        problem: "it encrypts nothing, and costs as much as a key that does",
        fix: "encrypt a resource with it, or remove it",
        is_used: |ground, key| ground.is_used_by_others(key, &["aws_kms_alias"]),
    },
    Lint {
        rule: "wiring/api-without-url",
        tf_type: "aws_api_gateway_stage",
        problem: "no output has its URL, so callers cannot learn it",
        fix: "add the URL to the outputs: stack.output(NAME, DESCRIPTION, &api.url())",
        is_used: |ground, stage| ground.is_put_out(stage),
    },
    Lint {
        rule: "wiring/api-key-without-reader",
        tf_type: "aws_api_gateway_api_key",
        problem: "no output has its value, so no caller can send it",
        fix: "add the key to the outputs: stack.output(NAME, DESCRIPTION, key), with api.key()",
        is_used: |ground, key| ground.is_put_out(key),
    },
    shown("aws_api_gateway_stage"),
    shown("aws_dynamodb_table"),
    shown("aws_lambda_function"),
    shown("aws_sfn_state_machine"),
    shown("aws_sqs_queue"),
];

/// A dashboard shows every resource of this type, if there is a dashboard.
const fn shown(tf_type: &'static str) -> Lint {
    Lint {
        rule: "wiring/not-shown",
        tf_type,
        problem: "the dashboard does not show it, so an operator sees nothing of it",
        fix: "add it to a row of the dashboard (Row::of, Row::and)",
        is_used: |ground, block| {
            !ground.has_dashboard || ground.users(block).any(|it| it.is("aws_cloudwatch_dashboard"))
        },
    }
}

/// The arguments that say what an alarm watches, and when it fires.
const SIGNAL: [&str; 11] = [
    "namespace",
    "metric_name",
    "dimensions",
    "statistic",
    "extended_statistic",
    "metric_query",
    "comparison_operator",
    "threshold",
    "period",
    "evaluation_periods",
    "datapoints_to_alarm",
];

/// Alarms that fire whenever another one fires. One of the two was meant to watch something else.
fn same_alarms(blocks: &Blocks<'_>) -> Vec<Violation> {
    let mut seen: HashMap<[&Value; SIGNAL.len()], &str> = HashMap::default();
    let mut found = Vec::new();
    for alarm in blocks.each("aws_cloudwatch_metric_alarm") {
        if let Some(other) = seen.insert(SIGNAL.map(|it| &alarm.body[it]), alarm.address) {
            found.push(Violation::new(
                "wiring/same-alarm",
                alarm.address,
                format!("it fires whenever {other} fires"),
                "let one of them watch another metric, or remove one",
            ));
        }
    }
    found
}

const SUBSCRIPTION: &str = "aws_sns_topic_subscription";

/// The types of resources that call a function.
const CALLERS: &[&str] = &[
    "aws_api_gateway_integration",
    "aws_lambda_event_source_mapping",
    "aws_lambda_permission",
    "aws_scheduler_schedule",
    "aws_sfn_state_machine",
];

/// The types of resources that hold or grant rights. A right to use something is not yet its use.
const RIGHTS: &[&str] = &["aws_iam_policy_document", "aws_iam_role_policy"];

/// Every resource that nothing uses.
pub(super) fn check(stack: &Stack, blocks: &Blocks<'_>, nodes: &[&Node]) -> Vec<Violation> {
    let ground = Ground::of(stack, blocks, nodes);
    let mut found = Vec::new();
    for lint in ALL {
        let unused = blocks.each(lint.tf_type).filter(|it| !(lint.is_used)(&ground, it));
        found
            .extend(unused.map(|it| Violation::new(lint.rule, it.address, lint.problem, lint.fix)));
    }
    found.extend(same_alarms(blocks));
    found
}

/// The facts that the lints look up.
struct Ground<'s> {
    stack: &'s Stack,
    /// The blocks that refer to each block.
    users: HashMap<&'s str, Vec<User<'s>>>,
    /// The actions that policies allow on each block.
    allowed: BTreeMap<&'s str, BTreeSet<String>>,
    /// The queues that get dead letters.
    dead_letters: BTreeSet<&'s str>,
    has_dashboard: bool,
}

#[derive(Clone, Copy)]
struct User<'s>(&'s Node);

impl User<'_> {
    fn is(&self, tf_type: &str) -> bool {
        self.0.address().tf_type() == tf_type
    }
}

impl<'s> Ground<'s> {
    fn of(stack: &'s Stack, blocks: &'s Blocks<'_>, nodes: &[&'s Node]) -> Self {
        let mut users: HashMap<&str, Vec<User<'_>>> = HashMap::default();
        for node in nodes {
            for attribute in node.mentions.attributes() {
                users.entry(attribute.of().as_str()).or_default().push(User(node));
            }
        }
        let mut allowed: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for document in blocks.each("aws_iam_policy_document") {
            for statement in document.body["statement"].as_array().into_iter().flatten() {
                if statement["effect"] != "Allow" {
                    continue;
                }
                let actions = statement["actions"].as_array().into_iter().flatten();
                let actions: Vec<&str> = actions.filter_map(Value::as_str).collect();
                for on in blocks.mentioned(document, &statement["resources"]) {
                    let of_it = allowed.entry(on.address).or_default();
                    of_it.extend(actions.iter().map(|it| (*it).to_owned()));
                }
            }
        }
        let redrives = blocks.each("aws_sqs_queue_redrive_policy");
        let dead = redrives.flat_map(|it| blocks.mentioned(it, &it.body["redrive_policy"]));
        let dead_letters = dead.map(|it| it.address).collect();
        let has_dashboard = blocks.each("aws_cloudwatch_dashboard").next().is_some();
        Ground { stack, users, allowed, dead_letters, has_dashboard }
    }

    fn of_address(&self, address: &str) -> impl Iterator<Item = User<'s>> {
        self.users.get(address).into_iter().flatten().copied()
    }

    /// The blocks that refer to a block.
    fn users(&self, of: &Block<'_>) -> impl Iterator<Item = User<'s>> {
        self.of_address(of.address)
    }

    /// Whether something refers to a block, except rights and blocks of these types.
    fn is_used_by_others(&self, block: &Block<'_>, not: &[&str]) -> bool {
        self.users(block).any(|it| !RIGHTS.iter().chain(not).any(|tf_type| it.is(tf_type)))
    }

    /// Whether a policy allows one of these actions on a block.
    fn allows(&self, block: &Block<'_>, actions: &[&str]) -> bool {
        let allowed = self.allowed.get(block.address);
        allowed.is_some_and(|it| actions.iter().any(|action| it.contains(*action)))
    }

    /// Whether an output of the root has an attribute of a block.
    fn is_put_out(&self, block: &Block<'_>) -> bool {
        self.stack.outputs().any(|(_, it)| {
            let mut is_of_it = false;
            it.term.each_attribute(&mut |it| is_of_it |= it.of().as_str() == block.address);
            is_of_it
        })
    }

    fn takes_dead_letters(&self, queue: &Block<'_>) -> bool {
        self.dead_letters.contains(queue.address)
    }
}
