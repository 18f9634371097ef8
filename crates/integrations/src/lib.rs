//! The parameters of Step Functions' service integrations: their names and types.
//!
//! An AWS SDK integration (`aws-sdk:dynamodb:transactWriteItems`) names parameters as the AWS SDK for Java does:
//! `Nul`, `Bool`, `Ss`. An optimised one (`dynamodb:putItem`) names them as the service does: `NULL`, `BOOL`, `SS`.
//! AWS refuses any other name: when the state machine is created, if the definition contains the name; otherwise at run
//! time with `States.Runtime`, which no `Retry` and no `Catch` handles.
//!
//! The shapes come from botocore's models of the services: `derive.py` writes `shapes.json`.
//!
//! - <https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html>
//! - <https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html>

use std::{collections::BTreeMap, fmt, sync::LazyLock};

use serde::Deserialize;
use serde_json::{Map, Value};

/// The parameters of an integration: the `Arguments` of a Task state in JSONata.
#[derive(Debug, Clone, Copy)]
pub struct Integration {
    takes: &'static str,
}

/// The form in which arguments are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arguments {
    /// As in the definition of a state machine. A string `{% ... %}` is an expression, and its value is not known yet.
    Written,
    /// As the integration receives them, with all expressions evaluated.
    Evaluated,
}

/// A problem with the arguments of an integration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The path from the arguments: `TransactItems[0].Put.Item.note`. Empty for the arguments themselves.
    pub path: String,
    /// The problem.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" => f.write_str(&self.text),
            path => write!(f, "`{path}` {}", self.text),
        }
    }
}

/// The contents of `shapes.json`, which `derive.py` writes.
#[derive(Debug, Deserialize)]
struct Shapes {
    /// The shape of the arguments, by the `Resource` of a Task state.
    takes: BTreeMap<String, String>,
    shapes: BTreeMap<String, Shape>,
}

/// A shape. Other shapes refer to it by its name. Scalars have no shape, but one of the names `text`, `number`,
/// `boolean` and `any`.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Shape {
    Structure { members: BTreeMap<String, String>, required: Vec<String> },
    List { list_of: String },
    Map { map_to: String },
}

/// # Panics
///
/// Never: the file is part of the program, and a test parses it.
static SHAPES: LazyLock<Shapes> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../shapes.json")).expect("`shapes.json` is as derived")
});

impl Integration {
    /// Returns the integration of a Task state's `Resource`, if its parameters are known.
    pub fn of(resource: &str) -> Option<Self> {
        SHAPES.takes.get(resource).map(|takes| Integration { takes })
    }

    /// Returns the `Resource` of every known integration.
    pub fn all() -> impl Iterator<Item = &'static str> {
        SHAPES.takes.keys().map(String::as_str)
    }

    /// Returns every problem of the arguments.
    pub fn problems(self, arguments: &Value, given: Arguments) -> Vec<Problem> {
        let mut look = Look { given, problems: Vec::new() };
        look.at(&mut String::new(), self.takes, arguments);
        look.problems
    }
}

struct Look {
    given: Arguments,
    problems: Vec<Problem>,
}

impl Look {
    /// Checks a value. `path` is the path to it, and has the same value afterwards.
    fn at(&mut self, path: &mut String, shape: &str, value: &Value) {
        let is_expression = self.given == Arguments::Written
            && value.as_str().is_some_and(|text| text.starts_with("{%"));
        if shape == "any" || is_expression {
            return;
        }
        match (SHAPES.shapes.get(shape), value) {
            (Some(Shape::Structure { members, required }), Value::Object(fields)) => {
                for (name, field) in sorted(fields) {
                    match members.get(name) {
                        Some(member) => self.below(path, &format!(".{name}"), member, field),
                        None => self.unknown(path, name, members),
                    }
                }
                for name in required.iter().filter(|it| !fields.contains_key(*it)) {
                    self.tell(path, format!("lacks `{name}`, which is required"));
                }
            }
            (Some(Shape::List { list_of }), Value::Array(items)) => {
                for (at, item) in items.iter().enumerate() {
                    self.below(path, &format!("[{at}]"), list_of, item);
                }
            }
            (Some(Shape::Map { map_to }), Value::Object(fields)) => {
                for (name, field) in sorted(fields) {
                    self.below(path, &format!(".{name}"), map_to, field);
                }
            }
            (Some(Shape::Structure { .. } | Shape::Map { .. }), _) => {
                self.must_be(path, "an object", value)
            }
            (Some(Shape::List { .. }), _) => self.must_be(path, "a list", value),
            (None, value) => match shape {
                "text" if !value.is_string() => self.must_be(path, "a string", value),
                "number" if !value.is_number() => self.must_be(path, "a number", value),
                "boolean" if !value.is_boolean() => self.must_be(path, "true or false", value),
                _ => (),
            },
        }
    }

    fn below(&mut self, path: &mut String, step: &str, shape: &str, value: &Value) {
        let here = path.len();
        path.push_str(if here == 0 { step.trim_start_matches('.') } else { step });
        self.at(path, shape, value);
        path.truncate(here);
    }

    fn unknown(&mut self, path: &str, name: &str, members: &BTreeMap<String, String>) {
        let known: Vec<&str> = members.keys().map(String::as_str).collect();
        self.tell(path, format!("has `{name}`, but the integration takes {}", known.join(", ")));
    }

    fn must_be(&mut self, path: &str, expected: &str, value: &Value) {
        self.tell(path, format!("must be {expected}, but it is {value}"));
    }

    fn tell(&mut self, path: &str, text: String) {
        let text = match path {
            "" => format!("the call {text}"),
            _ => text,
        };
        self.problems.push(Problem { path: path.to_owned(), text });
    }
}

/// Returns the fields sorted by name. The order of a map depends on a feature of serde_json that any crate of the build
/// can enable.
fn sorted(fields: &Map<String, Value>) -> BTreeMap<&String, &Value> {
    fields.iter().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PUT: &str = "arn:aws:states:::dynamodb:putItem";
    const TRANSACT: &str = "arn:aws:states:::aws-sdk:dynamodb:transactWriteItems";
    const INVOKE: &str = "arn:aws:states:::lambda:invoke";
    const SEND: &str = "arn:aws:states:::sqs:sendMessage";

    #[track_caller]
    fn check(resource: &str, arguments: Value, expected: &[&str]) {
        for given in [Arguments::Written, Arguments::Evaluated] {
            let found = Integration::of(resource).expect("it is known").problems(&arguments, given);
            let found: Vec<String> = found.iter().map(ToString::to_string).collect();
            assert_eq!(found, expected, "{arguments}");
        }
    }

    fn transact(attribute: Value) -> Value {
        let put = json!({ "TableName": "t", "Item": { "a": attribute } });
        json!({ "ClientRequestToken": "c", "TransactItems": [{ "Put": put }] })
    }

    #[test]
    fn every_shape_that_is_named_is_there() {
        let scalars = ["text", "number", "boolean", "any"];
        let known = |name: &str| scalars.contains(&name) || SHAPES.shapes.contains_key(name);
        for takes in SHAPES.takes.values() {
            assert!(known(takes), "{takes}");
        }
        for (name, shape) in &SHAPES.shapes {
            assert!(
                match shape {
                    Shape::Structure { members, .. } => members.values().all(|it| known(it)),
                    Shape::List { list_of: inner } | Shape::Map { map_to: inner } => known(inner),
                },
                "{name}"
            );
        }
    }

    #[test]
    fn each_integration_has_its_own_names() {
        let put = |attribute: Value| json!({ "TableName": "t", "Item": { "a": attribute } });
        for same in [json!({ "S": "x" }), json!({ "N": "1" }), json!({ "M": { "b": { "L": [] } } })]
        {
            check(PUT, put(same.clone()), &[]);
            check(TRANSACT, transact(same), &[]);
        }
        for (own, sdk) in [
            (json!({ "NULL": true }), json!({ "Nul": true })),
            (json!({ "BOOL": true }), json!({ "Bool": true })),
            (json!({ "SS": ["x"] }), json!({ "Ss": ["x"] })),
            (json!({ "NS": ["1"] }), json!({ "Ns": ["1"] })),
            (json!({ "BS": ["eA=="] }), json!({ "Bs": ["eA=="] })),
        ] {
            check(PUT, put(own.clone()), &[]);
            check(TRANSACT, transact(sdk.clone()), &[]);
            let name = |it: &Value| it.as_object().and_then(|it| it.keys().next().cloned());
            let name = |it| name(it).expect("it has one member");
            let all = "the integration takes B, BOOL, BS, L, M, N, NS, NULL, S, SS";
            check(PUT, put(sdk.clone()), &[&format!("`Item.a` has `{}`, but {all}", name(&sdk))]);
            let all = "the integration takes B, Bool, Bs, L, M, N, Ns, Nul, S, Ss";
            let at = "TransactItems[0].Put.Item.a";
            check(
                TRANSACT,
                transact(own.clone()),
                &[&format!("`{at}` has `{}`, but {all}", name(&own))],
            );
        }
    }

    #[test]
    fn wrong_names_and_types_are_reported_at_every_depth() {
        check(
            INVOKE,
            json!({ "FunctionName": "f", "Payload": { "any": [1, null] }, "LogType": "Tail" }),
            &[
                "the call has `LogType`, but the integration takes ClientContext, FunctionName, InvocationType, \
               Payload, Qualifier",
            ],
        );
        check(INVOKE, json!({}), &["the call lacks `FunctionName`, which is required"]);
        check(SEND, json!({ "QueueUrl": "q", "MessageBody": { "a": 1 }, "DelaySeconds": 3 }), &[]);
        check(
            SEND,
            json!({ "QueueUrl": 7, "MessageBody": "", "DelaySeconds": "3" }),
            &[
                "`DelaySeconds` must be a number, but it is \"3\"",
                "`QueueUrl` must be a string, but it is 7",
            ],
        );
        check(PUT, json!([]), &["the call must be an object, but it is []"]);
        check(
            TRANSACT,
            transact(json!({ "N": 1 })),
            &["`TransactItems[0].Put.Item.a.N` must be a string, but it is 1"],
        );
        check(
            TRANSACT,
            json!({ "transactItems": [] }),
            &[
                "the call has `transactItems`, but the integration takes ClientRequestToken, \
                 ReturnConsumedCapacity, ReturnItemCollectionMetrics, TransactItems",
                "the call lacks `TransactItems`, which is required",
            ],
        );
    }

    #[test]
    fn the_value_of_an_expression_is_checked_when_it_is_evaluated() {
        let invoke = Integration::of(INVOKE).expect("it is known");
        let arguments = json!("{% $states.input %}");
        assert_eq!(invoke.problems(&arguments, Arguments::Written), []);
        assert_eq!(invoke.problems(&arguments, Arguments::Evaluated).len(), 1);
    }

    #[test]
    fn other_integrations_are_unknown() {
        assert!(Integration::of("arn:aws:states:::sns:publish").is_none());
        assert_eq!(Integration::all().count(), 5);
    }
}
