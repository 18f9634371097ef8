//! `$states`: the data that an expression can read.
//!
//! <https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html>

use std::{cell::OnceCell, rc::Rc};

use jsonata_core::value::{JMap, JValue};
use serde_json::{Value, json};

use crate::{clock::Now, value::to_engine};

/// A field of `$states`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Root {
    Input,
    Result,
    ErrorOutput,
    Context,
}

impl Root {
    pub(crate) const ALL: [Root; 4] = [Root::Input, Root::Result, Root::ErrorOutput, Root::Context];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Root::Input => "input",
            Root::Result => "result",
            Root::ErrorOutput => "errorOutput",
            Root::Context => "context",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Root::ALL.into_iter().find(|it| it.name() == name)
    }
}

/// The data for the expressions of one field. It exists for one evaluation, and caches the values that it converted for
/// the engine.
pub(crate) struct Scope<'a> {
    pub(crate) now: Now,
    input: &'a Value,
    result: Option<&'a Value>,
    error: Option<&'a Value>,
    facts: Facts<'a>,
    context: OnceCell<Value>,
    converted: [OnceCell<JValue>; 4],
}

/// The data of `$states.context`.
///
/// <https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html>
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts<'a> {
    pub(crate) id: &'a str,
    pub(crate) name: &'a str,
    pub(crate) began: Now,
    pub(crate) first_input: &'a Value,
    pub(crate) state: &'a str,
    pub(crate) entered: Now,
    pub(crate) retries: u32,
}

/// The supported fields of the context. AWS has more.
pub(crate) const CONTEXT: [(&str, &[&str]); 2] = [
    ("Execution", &["Id", "Input", "Name", "StartTime"]),
    ("State", &["EnteredTime", "Name", "RetryCount"]),
];

impl<'a> Scope<'a> {
    pub(crate) fn new(now: Now, input: &'a Value, facts: Facts<'a>) -> Self {
        let (context, converted) = Default::default();
        Scope { now, input, result: None, error: None, facts, context, converted }
    }

    pub(crate) fn with_result(self, result: &'a Value) -> Self {
        Scope { result: Some(result), ..self }
    }

    pub(crate) fn with_error(self, error: &'a Value) -> Self {
        Scope { error: Some(error), ..self }
    }

    /// The name of the current state.
    pub(crate) fn state(&self) -> &str {
        self.facts.state
    }

    pub(crate) fn get(&self, root: Root) -> Option<&Value> {
        match root {
            Root::Input => Some(self.input),
            Root::Result => self.result,
            Root::ErrorOutput => self.error,
            Root::Context => Some(self.context.get_or_init(|| {
                let it = &self.facts;
                json!({
                    "Execution": {
                        "Id": it.id,
                        "Input": it.first_input,
                        "Name": it.name,
                        "StartTime": it.began.to_string(),
                    },
                    "State": {
                        "EnteredTime": it.entered.to_string(),
                        "Name": it.state,
                        "RetryCount": it.retries,
                    },
                })
            })),
        }
    }

    /// Returns `$states` for the engine, with only the fields that the expression reads.
    pub(crate) fn states(&self, reads: &[Root]) -> JValue {
        let fields = reads.iter().filter_map(|root| {
            let value = self.get(*root)?;
            let value = self.converted[*root as usize].get_or_init(|| to_engine(value));
            Some((root.name().to_owned(), value.clone()))
        });
        JValue::Object(Rc::new(fields.collect::<JMap>()))
    }
}
