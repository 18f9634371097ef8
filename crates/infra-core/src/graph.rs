//! `infra-gen graph`: the topology as a picture of resources, and of the calls and messages between them.

mod dot;
mod edges;
mod html;
mod layout;
mod mermaid;
mod svg;

use std::collections::{BTreeMap, BTreeSet};

pub use dot::dot;
pub use html::html;
pub use mermaid::mermaid;
pub use svg::svg;

use crate::{
    model::{Address, Stack, stack::Node as Block},
    wiring::Wiring,
};

/// Boxes and arrows, both in a fixed order.
#[derive(Debug)]
pub struct Graph {
    /// The boxes.
    pub nodes: Vec<Node>,
    /// The arrows.
    pub edges: Vec<Edge>,
}

/// A box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its id, of letters, digits and `_`.
    pub id: String,
    /// Its text.
    pub label: String,
    /// The kind of resource.
    pub shape: Shape,
    /// Its Terraform address. `None` for a box outside of the topology.
    pub address: Option<String>,
    /// Whether it is on the path of a request.
    pub on_path: bool,
}

/// An arrow.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// The index of the box where it begins.
    pub from: usize,
    /// The index of the box where it ends.
    pub to: usize,
    /// The call or message.
    pub label: String,
    /// Whether it is on the path of a request.
    pub on_path: bool,
}

/// The kind of a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// A caller of the API.
    Client,
    /// An API.
    Api,
    /// A bucket.
    Bucket,
    /// A schedule.
    Schedule,
    /// A function.
    Lambda,
    /// A state machine.
    Machine,
    /// A queue.
    SqsQueue,
    /// A table.
    DynamoDbTable,
    /// All alarms together.
    Alarms,
    /// A topic.
    Topic,
}

impl Shape {
    /// The shape of a type. `None` if the type is not drawn.
    fn of(tf_type: &str) -> Option<Shape> {
        Some(match tf_type {
            "aws_api_gateway_rest_api" => Shape::Api,
            "aws_s3_bucket" => Shape::Bucket,
            "aws_scheduler_schedule" => Shape::Schedule,
            "aws_lambda_function" => Shape::Lambda,
            "aws_sfn_state_machine" => Shape::Machine,
            "aws_sqs_queue" => Shape::SqsQueue,
            "aws_dynamodb_table" => Shape::DynamoDbTable,
            "aws_sns_topic" => Shape::Topic,
            _ => return None,
        })
    }

    /// The name of the kind.
    pub fn word(self) -> &'static str {
        match self {
            Shape::Client => "client",
            Shape::Api => "API",
            Shape::Bucket => "bucket",
            Shape::Schedule => "schedule",
            Shape::Lambda => "function",
            Shape::Machine => "state machine",
            Shape::SqsQueue => "queue",
            Shape::DynamoDbTable => "table",
            Shape::Alarms => "alarms",
            Shape::Topic => "topic",
        }
    }
}

impl Graph {
    /// The graph of a stack.
    pub fn of(stack: &Stack) -> Self {
        Self::wired(&Wiring::of(stack))
    }

    pub(crate) fn wired(wiring: &Wiring<'_>) -> Self {
        let stack = wiring.stack();
        let mut nodes = Vec::new();
        let mut at = BTreeMap::new();
        let drawn = stack.nodes().filter_map(|it| Some((it, Shape::of(it.address.tf_type())?)));
        let mut drawn: Vec<_> = drawn.collect();
        drawn.sort_by(|a, b| (a.1, &a.0.address).cmp(&(b.1, &b.0.address)));
        for (block, shape) in drawn {
            at.insert(&block.address, nodes.len());
            nodes.push(node(block, shape));
        }
        let mut graph = Graph { nodes, edges: Vec::new() };
        edges::add(&mut graph, wiring, &at);
        graph.outside(stack);
        graph.mark_path();
        graph.edges.sort();
        graph
    }

    /// Adds the caller of the API, and the alarms.
    fn outside(&mut self, stack: &Stack) {
        let places = |nodes: &[Node], shape| -> Vec<usize> {
            (0..nodes.len()).filter(|it| nodes[*it].shape == shape).collect()
        };
        let apis = places(&self.nodes, Shape::Api);
        if !apis.is_empty() {
            let from = self.add("client", "client".to_owned(), Shape::Client);
            self.edges.extend(apis.iter().map(|to| edge(from, *to, "HTTPS".to_owned())));
        }
        let alarms =
            stack.nodes().filter(|it| it.address.tf_type() == "aws_cloudwatch_metric_alarm");
        let count = alarms.count();
        let topics = places(&self.nodes, Shape::Topic);
        if count > 0 && !topics.is_empty() {
            let plural = if count == 1 { "" } else { "s" };
            let from = self.add("alarms", format!("{count} alarm{plural}"), Shape::Alarms);
            self.edges.extend(topics.iter().map(|to| edge(from, *to, "notify".to_owned())));
        }
    }

    fn add(&mut self, id: &str, label: String, shape: Shape) -> usize {
        self.nodes.push(Node { id: id.to_owned(), label, shape, address: None, on_path: false });
        self.nodes.len() - 1
    }

    /// Marks the path of a request: everything that is reached from an API, or from a bucket that clients upload to.
    fn mark_path(&mut self) {
        let begins = |it: &Node| matches!(it.shape, Shape::Client | Shape::Bucket);
        let mut reached: BTreeSet<usize> =
            (0..self.nodes.len()).filter(|it| begins(&self.nodes[*it])).collect();
        loop {
            let more: BTreeSet<_> =
                self.edges.iter().filter(|it| reached.contains(&it.from)).map(|it| it.to).collect();
            let before = reached.len();
            reached.extend(more);
            if reached.len() == before {
                break;
            }
        }
        for (at, node) in self.nodes.iter_mut().enumerate() {
            node.on_path = reached.contains(&at);
        }
        for edge in &mut self.edges {
            edge.on_path = reached.contains(&edge.from);
        }
    }
}

fn node(block: &Block, shape: Shape) -> Node {
    let name = block.address.name();
    Node {
        id: format!("{}_{name}", shape.word().replace(' ', "_").to_lowercase()),
        label: name.to_owned(),
        shape,
        address: Some(block.address.to_string()),
        on_path: false,
    }
}

fn edge(from: usize, to: usize, label: String) -> Edge {
    Edge { from, to, label, on_path: false }
}

type Places<'s> = BTreeMap<&'s Address, usize>;
