//! Terraform expressions.
//!
//! <https://developer.hashicorp.com/terraform/language/expressions>

use crate::model::{ModuleName, escape, expr::Term};

/// From where an expression is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Inside a module: its own blocks, and variables for those of others.
    Module(ModuleName),
    /// In the root: the modules' outputs.
    Root,
}

/// The expression as it stands inside `${…}`.
pub(super) fn expression(term: &Term, place: Place) -> String {
    match term {
        Term::Attribute(attribute) => match place {
            Place::Module(here) if attribute.of().module() == here => {
                format!("{}.{}", attribute.of().local(), attribute.name())
            }
            Place::Module(_) => format!("var.{}", attribute.label()),
            Place::Root => {
                format!("module.{}.{}", attribute.of().module().as_str(), attribute.label())
            }
        },
        Term::Variable(variable) => format!("var.{}", variable.name()),
        Term::Text(text) => format!("\"{}\"", quoted(text)),
        Term::Concat(terms) => {
            let parts = terms.iter().map(|it| match it {
                Term::Text(text) => quoted(text),
                it => format!("${{{}}}", expression(it, place)),
            });
            format!("\"{}\"", parts.collect::<String>())
        }
        Term::Call(function, arguments) => {
            let arguments: Vec<_> = arguments.iter().map(|it| expression(it, place)).collect();
            format!("{function}({})", arguments.join(", "))
        }
    }
}

/// The expression as a whole string: a template.
pub(super) fn template(term: &Term, place: Place) -> String {
    match term {
        Term::Text(text) => escape(text).into_owned(),
        Term::Concat(terms) => terms.iter().map(|it| template(it, place)).collect(),
        term => format!("${{{}}}", expression(term, place)),
    }
}

/// Text inside quotes of an expression.
/// <https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences>
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in escape(text).chars() {
        match letter {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            letter => out.push(letter),
        }
    }
    out
}
