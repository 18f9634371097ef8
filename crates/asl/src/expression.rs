//! One JSONata expression: `{% ... %}`.
//!
//! Most expressions are plain paths, which this module evaluates directly. The engine evaluates all others, and plain
//! paths that encounter a list. A property test checks that both ways give the same result.

use jsonata_core::{
    ast::{AstNode, PathStep},
    parser,
    value::JValue,
};
use serde_json::Value;

use crate::{
    engine,
    failure::{Failure, QUERY},
    problem::Report,
    scope::{Root, Scope},
    value::{copy, from_engine},
    vet::vet,
};

#[derive(Debug)]
pub(crate) struct Expression {
    source: String,
    /// The place in the state, in AWS's notation: `Arguments/TransactItems[0]/Put`.
    place: String,
    ast: AstNode,
    reads: Vec<Root>,
    plain: Option<(Root, Vec<String>)>,
}

impl Expression {
    /// Parses the text between `{%` and `%}`.
    pub(crate) fn parse(
        source: &str,
        place: &str,
        there: &[Root],
        report: &mut Report,
    ) -> Option<Self> {
        let source = source.trim().to_owned();
        let ast = match parser::parse(&source) {
            Ok(ast) => ast,
            Err(problem) => {
                report.add(format!("`{place}` is not valid JSONata: {problem}"));
                return None;
            }
        };
        match vet(&ast, there) {
            Ok(reads) => {
                let plain = plain(&ast);
                Some(Expression { source, place: place.to_owned(), ast, reads, plain })
            }
            Err(wrong) => {
                wrong.into_iter().for_each(|it| report.add(format!("`{place}` {it}")));
                None
            }
        }
    }

    /// Evaluates the expression. The error is `States.QueryEvaluationError`.
    pub(crate) fn evaluate(&self, scope: &Scope<'_>) -> Result<Value, Failure> {
        if let Some((root, names)) = &self.plain
            && let Some(root) = scope.get(*root)
        {
            match follow(root, names) {
                Followed::To(value) => return Ok(copy(value)),
                Followed::Nowhere => return Err(self.nothing(scope)),
                Followed::List => (),
            }
        }
        self.by_engine(scope)
    }

    fn by_engine(&self, scope: &Scope<'_>) -> Result<Value, Failure> {
        match engine::evaluate(&self.ast, scope.states(&self.reads), scope.now) {
            Ok(JValue::Undefined) => Err(self.nothing(scope)),
            Ok(value) => {
                from_engine(&value).map_err(|it| self.failure(scope, &format!("returned {it}.")))
            }
            Err(it) => {
                let text = format!("threw an error during evaluation. {}", it.message());
                Err(self.failure(scope, &text))
            }
        }
    }

    fn nothing(&self, scope: &Scope<'_>) -> Failure {
        self.failure(scope, "returned nothing (undefined).")
    }

    /// Returns the failure for a value of the wrong type.
    pub(crate) fn unexpected(&self, scope: &Scope<'_>, expected: &str, value: &Value) -> Failure {
        let found = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        let text = format!(
            "returned an unexpected result type. Expected '{expected}', but was '{found}' for \
             value: {value}"
        );
        self.failure(scope, &text)
    }

    /// Returns the failure with AWS's message, but without the number of the event.
    fn failure(&self, scope: &Scope<'_>, text: &str) -> Failure {
        let (state, source, place) = (scope.state(), &self.source, &self.place);
        let cause = format!(
            "An error occurred while executing the state '{state}'. The JSONata expression \
             '{source}' specified for the field '{place}' {text}"
        );
        Failure::new(QUERY, cause)
    }
}

/// A plain path: `$states`, one of its fields, and after that only names.
fn plain(ast: &AstNode) -> Option<(Root, Vec<String>)> {
    let AstNode::Path { steps } = ast else { return None };
    let [states, rest @ ..] = steps.as_slice() else { return None };
    if !matches!(&states.node, AstNode::Variable(name) if name == "states") || !is_bare(states) {
        return None;
    }
    let mut names = rest.iter().map(|step| match &step.node {
        AstNode::Name(name) if is_bare(step) => Some(name.clone()),
        _ => None,
    });
    let root = Root::from_name(&names.next()??)?;
    Some((root, names.collect::<Option<_>>()?))
}

fn is_bare(step: &PathStep) -> bool {
    step.stages.is_empty()
        && step.focus.is_none()
        && step.index_var.is_none()
        && step.ancestor_label.is_none()
        && !step.is_tuple
}

enum Followed<'a> {
    To(&'a Value),
    Nowhere,
    /// The path encountered a list. The engine applies the rest of the path to each item.
    List,
}

fn follow<'a>(root: &'a Value, names: &[String]) -> Followed<'a> {
    let mut value = root;
    for name in names {
        value = match value {
            Value::Object(fields) => match fields.get(name) {
                Some(value) => value,
                None => return Followed::Nowhere,
            },
            Value::Array(_) => return Followed::List,
            _ => return Followed::Nowhere,
        };
    }
    Followed::To(value)
}

#[cfg(test)]
mod tests;
