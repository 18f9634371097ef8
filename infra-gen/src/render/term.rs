//! Terraform expressions.
//!
//! <https://developer.hashicorp.com/terraform/language/expressions>

use std::fmt::{self, Display as _, Write as _};

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
pub(super) struct Expression<'t>(pub(super) &'t Term, pub(super) Place);

impl fmt::Display for Expression<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Expression(term, place) = self;
        let dotted = |f: &mut fmt::Formatter<'_>, parts: &[&str]| {
            f.write_str(parts[0])?;
            parts[1..].iter().try_for_each(|it| f.write_char('.').and_then(|()| f.write_str(it)))
        };
        match term {
            Term::Attribute(attribute) => match place {
                Place::Module(here) if attribute.of().module() == *here => {
                    dotted(f, &[attribute.of().local(), attribute.name()])
                }
                Place::Module(_) => dotted(f, &["var", attribute.label()]),
                Place::Root => {
                    dotted(f, &["module", attribute.of().module().as_str(), attribute.label()])
                }
            },
            Term::Variable(variable) => dotted(f, &["var", variable.name()]),
            Term::Text(text) => write!(f, "\"{}\"", quoted(text)),
            Term::Concat(terms) => {
                f.write_char('"')?;
                for term in terms {
                    match term {
                        Term::Text(text) => f.write_str(&quoted(text))?,
                        term => inside(&Expression(term, *place), f)?,
                    }
                }
                f.write_char('"')
            }
            Term::Call(function, arguments) => {
                f.write_str(function)?;
                for (at, argument) in arguments.iter().enumerate() {
                    f.write_str(if at == 0 { "(" } else { ", " })?;
                    Expression(argument, *place).fmt(f)?;
                }
                f.write_str(if arguments.is_empty() { "()" } else { ")" })
            }
        }
    }
}

/// The expression as a whole string: a template.
pub(super) struct Template<'t>(pub(super) &'t Term, pub(super) Place);

impl fmt::Display for Template<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Template(term, place) = self;
        match term {
            Term::Text(text) => f.write_str(&escape(text)),
            Term::Concat(terms) => terms.iter().try_for_each(|it| Template(it, *place).fmt(f)),
            term => inside(&Expression(term, *place), f),
        }
    }
}

/// `${…}`
fn inside(expression: &Expression<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("${")?;
    expression.fmt(f)?;
    f.write_char('}')
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
