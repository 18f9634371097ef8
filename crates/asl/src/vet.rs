//! Finds what an expression reads and calls, and checks that the interpreter supports it.

use std::collections::BTreeSet;

use jsonata_core::ast::{AstNode, BinaryOp, PathStep, Stage};

use crate::scope::{CONTEXT, Root};

/// Returns the fields of `$states` that a valid expression reads, or all its problems. `there` has the fields that
/// exist.
pub(crate) fn vet(ast: &AstNode, there: &[Root]) -> Result<Vec<Root>, Vec<String>> {
    let mut found = Found::default();
    // Without recursion, so that a deeply nested expression does not overflow the stack.
    let mut left = vec![ast];
    while let Some(node) = left.pop() {
        found.node(node, &mut left);
    }
    let mut wrong: Vec<String> = found.wrong.into_iter().collect();
    for root in &found.reads {
        if !there.contains(root) {
            wrong.push(format!("reads `$states.{}`, which does not exist here", root.name()));
        }
    }
    for name in found.used.difference(&found.bound) {
        if !FUNCTIONS.contains(&name.as_str()) {
            wrong.push(format!("uses `${name}`, which is not supported"));
        }
    }
    if wrong.is_empty() { Ok(found.reads.into_iter().collect()) } else { Err(wrong) }
}

#[derive(Debug, Default)]
struct Found {
    reads: BTreeSet<Root>,
    /// The names of variables and functions, without the `$`.
    used: BTreeSet<String>,
    bound: BTreeSet<String>,
    wrong: BTreeSet<String>,
}

impl Found {
    /// Checks one node, and adds its children to `left`.
    fn node<'a>(&mut self, node: &'a AstNode, left: &mut Vec<&'a AstNode>) {
        match node {
            AstNode::Variable(name) => self.variable(name),
            AstNode::ParentVariable(_) => self.wrong("reads `$$`, which AWS does not have"),
            AstNode::Path { steps } => {
                let steps_left = match self.states(steps) {
                    true => steps.get(1..).unwrap_or_default(),
                    false => steps,
                };
                left.extend(steps_left.iter().map(|it| &it.node));
                steps.iter().for_each(|it| self.step(it, left));
            }
            AstNode::Binary { op, lhs, rhs } => {
                if let (BinaryOp::ColonEqual, AstNode::Variable(name)) = (op, lhs.as_ref()) {
                    self.bind(name);
                }
                if matches!(op, BinaryOp::Coalesce | BinaryOp::Default) {
                    self.wrong("uses `??` or `?:`, which AWS's JSONata 2.0.6 does not have");
                }
                left.extend([lhs.as_ref(), rhs]);
            }
            AstNode::Function { name, args, is_builtin } => {
                self.call(name, args, *is_builtin);
                left.extend(args);
            }
            AstNode::Call { procedure, args } => {
                left.push(procedure);
                left.extend(args);
            }
            AstNode::Lambda { params, body, .. } => {
                params.iter().for_each(|it| self.bind(it));
                left.push(body);
            }
            AstNode::Array(items) | AstNode::ArrayGroup(items) | AstNode::Block(items) => {
                left.extend(items);
            }
            AstNode::Object(pairs) => left.extend(pairs.iter().flat_map(|(a, b)| [a, b])),
            AstNode::ObjectTransform { input, pattern } => {
                left.push(input);
                left.extend(pattern.iter().flat_map(|(a, b)| [a, b]));
            }
            AstNode::Conditional { condition, then_branch, else_branch } => {
                left.extend([condition.as_ref(), then_branch]);
                left.extend(else_branch.as_deref());
            }
            AstNode::Unary { operand: node, .. } | AstNode::FunctionApplication(node) => {
                left.push(node);
            }
            AstNode::Sort { input, terms } => {
                left.push(input);
                left.extend(terms.iter().map(|(term, _)| term));
            }
            AstNode::Transform { location, update, delete } => {
                left.extend([location.as_ref(), update]);
                left.extend(delete.as_deref());
            }
            AstNode::String(_)
            | AstNode::Name(_)
            | AstNode::Number(_)
            | AstNode::Boolean(_)
            | AstNode::Null
            | AstNode::Undefined
            | AstNode::Placeholder
            | AstNode::Regex { .. }
            | AstNode::Wildcard
            | AstNode::Descendant
            | AstNode::Parent(_) => (),
        }
    }

    fn step<'a>(&mut self, step: &'a PathStep, left: &mut Vec<&'a AstNode>) {
        step.focus.iter().chain(&step.index_var).for_each(|it| self.bind(it));
        for stage in &step.stages {
            match stage {
                Stage::Filter(node) => left.push(node),
                Stage::Index(name) => self.bind(name),
                Stage::KeepArray => (),
            }
        }
    }

    fn variable(&mut self, name: &str) {
        match name {
            // `$` alone is the context value.
            "" => (),
            "states" => self.wrong(WHOLE),
            "toMillis" => self.wrong(TO_MILLIS),
            name => {
                self.used.insert(name.to_owned());
            }
        }
    }

    /// Returns whether a path begins with `$states`, and records what it reads.
    fn states(&mut self, steps: &[PathStep]) -> bool {
        if !steps.first().is_some_and(|it| is_variable(&it.node, "states")) {
            return false;
        }
        let mut names = steps.iter().skip(1).map_while(|it| match &it.node {
            AstNode::Name(name) => Some(name.as_str()),
            _ => None,
        });
        match names.next().map(|name| Root::from_name(name).ok_or(name)) {
            None => self.wrong(WHOLE),
            Some(Err(name)) => {
                self.wrong(&format!("reads `$states.{name}`, which does not exist here"));
            }
            Some(Ok(Root::Context)) => {
                self.reads.insert(Root::Context);
                let names: Vec<&str> = names.take(2).collect();
                let is_known = |(group, fields): &(&str, &[&str])| matches!(names.as_slice(), [a, b] if a == group && fields.contains(b));
                if !CONTEXT.iter().any(is_known) {
                    let path = [&["$states.context"], names.as_slice()].concat().join(".");
                    self.wrong(&format!("reads `{path}`, which is not supported"));
                }
            }
            Some(Ok(root)) => {
                self.reads.insert(root);
            }
        }
        true
    }

    fn call(&mut self, name: &str, arguments: &[AstNode], is_builtin: bool) {
        if !is_builtin {
            self.wrong(&format!(
                "calls `{name}` without `$`; the name of a function begins with `$`"
            ));
        } else if name == "toMillis" && arguments.len() > 1 {
            self.wrong(TO_MILLIS);
        } else {
            self.used.insert(name.to_owned());
        }
    }

    fn bind(&mut self, name: &str) {
        if name == "states" {
            self.wrong("assigns a value to `$states`");
        }
        self.bound.insert(name.to_owned());
    }

    fn wrong(&mut self, text: &str) {
        self.wrong.insert(text.to_owned());
    }
}

fn is_variable(node: &AstNode, wanted: &str) -> bool {
    matches!(node, AstNode::Variable(name) if name == wanted)
}

const WHOLE: &str = "reads `$states` as a whole, of which the interpreter has only some fields";
/// The engine takes the parts of a date that are not in the picture string from its own clock.
const TO_MILLIS: &str =
    "uses `$toMillis` with a picture string, which can read the clock of this computer";

/// The functions of JSONata 2.0.6 that depend only on their arguments, and the two that use the caller's time. AWS also
/// has `$hash`, `$parse`, `$partition`, `$range`, `$uuid` and `$random`, and lacks `$eval`.
///
/// <https://docs.jsonata.org/overview.html>
#[rustfmt::skip]
const FUNCTIONS: [&str; 61] = [
    "abs", "append", "assert", "average", "base64decode", "base64encode", "boolean", "ceil",
    "contains", "count", "decodeUrl", "decodeUrlComponent", "distinct", "each", "encodeUrl",
    "encodeUrlComponent", "error", "exists", "filter", "floor", "formatBase", "formatInteger",
    "formatNumber", "fromMillis", "join", "keys", "length", "lookup", "lowercase", "map", "match",
    "max", "merge", "millis", "min", "not", "now", "number", "pad", "parseInteger", "power",
    "reduce", "replace", "reverse", "round", "sift", "single", "sort", "split", "spread", "sqrt",
    "string", "substring", "substringAfter", "substringBefore", "sum", "toMillis", "trim", "type",
    "uppercase", "zip",
];

#[cfg(test)]
mod tests;
