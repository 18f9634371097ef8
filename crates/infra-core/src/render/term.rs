//! Renders Terraform expressions.
//!
//! <https://developer.hashicorp.com/terraform/language/expressions>

use std::fmt::{self, Display as _, Write as _};

use super::json::string;
use crate::model::{
    ModuleName, escape,
    expr::{Attribute, Term},
};

/// The place in which an expression is rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Inside a module: references to its own blocks, and variables for other modules' blocks.
    Module(ModuleName),
    /// In the root: references to the outputs of modules.
    Root,
}

/// The expression without `${…}`.
pub(super) struct Expression<'t>(pub(super) &'t Term, pub(super) Place);

impl fmt::Display for Expression<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Expression(term, place) = self;
        match term {
            Term::Attribute(attribute) => {
                words(attribute, *place).iter().try_for_each(|it| f.write_str(it))
            }
            Term::Variable(variable) => {
                f.write_str("var.").and_then(|()| f.write_str(variable.name()))
            }
            Term::Text(text) => write!(f, "\"{}\"", quoted(text)),
            Term::File(path) => {
                // A module is two folders below its root.
                let up = if *place == Place::Root { "" } else { "../../" };
                write!(f, "file(\"${{path.module}}/{up}{}\")", quoted(path))
            }
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

/// The reference to an attribute, in pieces.
fn words(attribute: &Attribute, place: Place) -> [&str; 4] {
    match place {
        Place::Module(here) if attribute.of().module() == here => {
            [attribute.of().local(), ".", attribute.name(), ""]
        }
        Place::Module(_) => ["var.", attribute.label(), "", ""],
        Place::Root => ["module.", attribute.of().module().as_str(), ".", attribute.label()],
    }
}

/// Writes an expression as a JSON string with its [`Template`].
pub(super) fn write(term: &Term, place: Place, out: &mut String) {
    match term {
        Term::Attribute(it) => write_attribute(it, place, out),
        it => string(&[&template(it, place)], out),
    }
}

/// The [`Template`] of an expression.
pub(super) fn template(term: &Term, place: Place) -> String {
    match term {
        Term::Attribute(it) => {
            let [a, b, c, d] = words(it, place);
            ["${", a, b, c, d, "}"].concat()
        }
        it => Template(it, place).to_string(),
    }
}

/// Writes a reference to an attribute, faster than [`write`]: it needs no escapes, and a root has many references.
pub(super) fn write_attribute(attribute: &Attribute, place: Place, out: &mut String) {
    out.push_str("\"${");
    out.extend(words(attribute, place));
    out.push_str("}\"");
}

/// The expression as a template string.
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

/// Text inside of quotes in an expression.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::thumbnails::thumbnails;

    #[test]
    fn an_attribute_is_written_as_the_template_of_it() {
        let stack = thumbnails();
        for node in stack.nodes() {
            let here = Place::Module(node.address.module());
            for it in node.mentions.attributes() {
                for place in [here, Place::Module(it.of().module()), Place::Root] {
                    let template = Template(&Term::Attribute(it.clone()), place).to_string();
                    let mut written = String::new();
                    write_attribute(it, place, &mut written);
                    assert_eq!(written, serde_json::to_string(&template).unwrap());
                    assert_eq!(super::template(&Term::Attribute(it.clone()), place), template);
                }
            }
        }
    }
}
