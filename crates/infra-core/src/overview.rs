//! `TOPOLOGY.md`: the description of an environment for people, as a picture and tables.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;
use tera::{Context, Tera};

use crate::{
    check::policy::{self, SetAside},
    graph::{self, Graph},
    model::{Address, Stack, stack::Node},
    render,
    wiring::{Right, Who, Wiring},
};

/// The file's name inside a root.
pub const FILE: &str = "TOPOLOGY.md";

/// The page.
pub fn page(stack: &Stack, name: &str) -> String {
    let mut tera = Tera::new();
    tera.add_raw_template(FILE, include_str!("../../../templates/TOPOLOGY.md.tera"))
        .expect("the template is a file of this crate, and every run renders it");
    let context = Context::from_serialize(&Page::of(stack, name))
        .expect("a page is texts and numbers, which JSON can hold");
    tera.render(FILE, &context).expect("the template asks for what a page has, and tests render it")
}

#[derive(Serialize)]
struct Page {
    name: String,
    diagram: String,
    functions: Vec<Function>,
    machines: Vec<Machine>,
    queues: Vec<Queue>,
    tables: Vec<Table>,
    alarms: Vec<Alarm>,
    set_aside: Vec<SetAside>,
}

#[derive(Serialize)]
struct Function {
    name: String,
    doc: String,
    memory: String,
    timeout: String,
    concurrency: String,
    log_kept: String,
    rights: Vec<RightOn>,
}

#[derive(Serialize)]
struct Machine {
    name: String,
    doc: String,
    rights: Vec<RightOn>,
}

/// The actions that are allowed on a resource.
#[derive(Serialize)]
struct RightOn {
    actions: String,
    on: String,
}

#[derive(Serialize)]
struct Queue {
    name: String,
    doc: String,
    visibility: String,
    kept: String,
    dead_letters: String,
    senders: String,
    receivers: String,
}

#[derive(Serialize)]
struct Table {
    name: String,
    doc: String,
    key: String,
    encrypted: String,
    protected: bool,
}

#[derive(Serialize)]
struct Alarm {
    name: String,
    fires: String,
    doc: String,
}

impl Page {
    fn of(stack: &Stack, name: &str) -> Self {
        let wiring = Wiring::of(stack);
        let rows = |tf_type: &str| -> Vec<&Node> {
            let mut nodes: Vec<_> =
                stack.nodes().filter(|it| it.address.tf_type() == tf_type).collect();
            nodes.sort_by(|a, b| a.address.cmp(&b.address));
            nodes
        };
        let all = |tf_type: &str| rows(tf_type).into_iter();
        Page {
            name: name.to_owned(),
            diagram: graph::mermaid(&Graph::wired(&wiring)).trim_end().to_owned(),
            functions: all("aws_lambda_function").map(|it| function(&wiring, it)).collect(),
            machines: all("aws_sfn_state_machine").map(|it| machine(&wiring, it)).collect(),
            queues: all("aws_sqs_queue").map(|it| queue(&wiring, it)).collect(),
            tables: all("aws_dynamodb_table").map(|it| table(&wiring, it)).collect(),
            alarms: all("aws_cloudwatch_metric_alarm").map(alarm).collect(),
            set_aside: policy::set_aside(stack),
        }
    }
}

fn function(wiring: &Wiring<'_>, node: &Node) -> Function {
    let of = |name| render::argument(node, name);
    let group = wiring.used(&node.address, "aws_cloudwatch_log_group");
    let group = group.and_then(|it| wiring.node(it));
    let kept = group.map(|it| render::argument(it, "retention_in_days")).unwrap_or_default();
    Function {
        name: node.address.name().to_owned(),
        doc: cell(&node.doc),
        memory: format!("{} MB", of("memory_size")),
        timeout: duration(&of("timeout")),
        concurrency: match of("reserved_concurrent_executions") {
            Value::Null => "unreserved".to_owned(),
            reserved => reserved.to_string(),
        },
        log_kept: format!("{kept} d"),
        rights: rights(wiring, &node.address),
    }
}

fn machine(wiring: &Wiring<'_>, node: &Node) -> Machine {
    Machine {
        name: node.address.name().to_owned(),
        doc: cell(&node.doc),
        rights: rights(wiring, &node.address),
    }
}

fn rights(wiring: &Wiring<'_>, who: &Address) -> Vec<RightOn> {
    let own = wiring.rights().filter(|it| it.who == Who::Block(who));
    own.map(|it| RightOn { actions: it.actions.join(", "), on: on(it) }).collect()
}

fn on(right: &Right<'_>) -> String {
    let names: Vec<_> = right.on.iter().map(|it| it.local()).collect();
    if names.is_empty() { "`*`: AWS knows no resources here".to_owned() } else { names.join(", ") }
}

fn queue(wiring: &Wiring<'_>, node: &Node) -> Queue {
    let of = |name| render::argument(node, name);
    let who = |action: &str| -> String {
        let rights = wiring.rights().filter(|it| it.allows && it.on.contains(&node.address));
        let names: BTreeSet<_> = rights
            .filter(|it| it.actions.contains(&action))
            .filter_map(|it| match &it.who {
                Who::Block(who) => Some(who.name().to_owned()),
                Who::Principal(_) => None,
            })
            .collect();
        or_none(names.into_iter().collect::<Vec<_>>().join(", "))
    };
    let redrive = wiring.used_by(&node.address).find_map(|(by, attributes)| {
        let from = by.tf_type() == "aws_sqs_queue_redrive_policy" && attributes.contains(&"id");
        wiring.node(by).filter(|_| from)
    });
    let dead_letters = redrive.map(|it| {
        let policy = render::argument(it, "redrive_policy");
        let policy = policy.as_str().and_then(|it| serde_json::from_str(it).ok());
        let policy: Value = policy.unwrap_or_default();
        let queues = wiring.uses(&it.address).map(|(it, _)| it);
        let others: Vec<_> =
            queues.filter(|it| **it != node.address).map(|it| it.name().to_owned()).collect();
        format!("{} after {} receives", others.join(", "), policy["maxReceiveCount"])
    });
    Queue {
        name: node.address.name().to_owned(),
        doc: cell(&node.doc),
        visibility: match of("visibility_timeout_seconds") {
            // SQS's default.
            Value::Null => "30 s".to_owned(),
            seconds => duration(&seconds),
        },
        kept: duration(&of("message_retention_seconds")),
        dead_letters: dead_letters.unwrap_or_else(|| "none".to_owned()),
        senders: who("sqs:SendMessage"),
        receivers: who("sqs:ReceiveMessage"),
    }
}

fn or_none(names: String) -> String {
    if names.is_empty() { "none".to_owned() } else { names }
}

fn table(wiring: &Wiring<'_>, node: &Node) -> Table {
    let of = |name| render::argument(node, name);
    let key = wiring.used(&node.address, "aws_kms_key");
    Table {
        name: node.address.name().to_owned(),
        doc: cell(&node.doc),
        key: of("hash_key").as_str().unwrap_or_default().to_owned(),
        encrypted: key.map_or("AWS's key", |it| it.local()).to_owned(),
        protected: of("deletion_protection_enabled") == true,
    }
}

fn alarm(node: &Node) -> Alarm {
    let of = |name| render::argument(node, name);
    let text = |name| of(name).as_str().unwrap_or_default().to_owned();
    let statistic = match text("statistic") {
        it if it.is_empty() => text("extended_statistic"),
        it => it,
    };
    let (what, period) = match of("metric_query").as_array() {
        Some(queries) => (
            queries[0]["label"].as_str().unwrap_or_default().to_owned(),
            queries.iter().find_map(|it| it["metric"][0].get("period")).cloned(),
        ),
        None => (format!("{} {statistic}", text("metric_name")), Some(of("period"))),
    };
    let (breaching, periods) = (of("datapoints_to_alarm"), of("evaluation_periods"));
    let period = duration(&period.unwrap_or_default());
    let sign = match text("comparison_operator").starts_with("Less") {
        true => "&lt;",
        false => ">",
    };
    Alarm {
        name: node.address.name().to_owned(),
        fires: format!("{what} {sign} {} in {breaching} of {periods} x {period}", of("threshold")),
        doc: cell(&node.doc),
    }
}

/// `30 s`, `5 min`, `14 d`.
fn duration(seconds: &Value) -> String {
    let Some(seconds) = seconds.as_u64() else { return "?".to_owned() };
    match seconds {
        it if it >= 86_400 && it % 86_400 == 0 => format!("{} d", it / 86_400),
        it if it >= 300 && it % 60 == 0 => format!("{} min", it / 60),
        it => format!("{it} s"),
    }
}

/// Text in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}
