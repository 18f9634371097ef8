//! An explanation as text.

use std::fmt;

use super::{Allowed, Difference, Explained, Mention, Value};

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.address)?;
        writeln!(f, "  {}", self.doc)?;
        writeln!(f, "  at: {}", self.source)?;
        let shown =
            if self.roots.len() > 1 { format!("; as in {}", self.root) } else { String::new() };
        writeln!(f, "  in: {}{shown}", self.roots.join(", "))?;
        section(f, "references", &self.references, mention)?;
        section(f, "is referenced by", &self.referenced_by, mention)?;
        section(f, "who may do what to it", &self.allowed, allowed)?;
        section(f, "what it may do", &self.may, allowed)?;
        section(f, "alarms", &self.alarms, |it| format!("{}\n      {}", it.address, it.doc))?;
        section(f, "environments differ", &self.differs, difference)
    }
}

fn section<T>(
    f: &mut fmt::Formatter<'_>,
    title: &str,
    items: &[T],
    text: impl Fn(&T) -> String,
) -> fmt::Result {
    if items.is_empty() {
        return Ok(());
    }
    writeln!(f, "\n  {title}")?;
    items.iter().try_for_each(|it| writeln!(f, "    {}", text(it)))
}

fn mention(it: &Mention) -> String {
    match it.attributes.as_slice() {
        [] => format!("{} (waits)", it.address),
        attributes => format!("{} ({})", it.address, attributes.join(", ")),
    }
}

fn allowed(it: &Allowed) -> String {
    let denied = if it.allows { "" } else { "denied: " };
    let conditions: Vec<_> = it.conditions.iter().map(|it| format!("\n      where {it}")).collect();
    format!("{}\n      {denied}{}{}", it.other, it.actions.join(", "), conditions.concat())
}

fn difference(it: &Difference) -> String {
    let mut lines: Vec<(Vec<&str>, String)> = Vec::new();
    for Value { root, value } in &it.values {
        let value = value.as_ref().map_or("nothing".to_owned(), ToString::to_string);
        match lines.iter_mut().find(|(_, known)| *known == value) {
            Some((roots, _)) => roots.push(root),
            None => lines.push((vec![root], value)),
        }
    }
    let lines = lines.iter().map(|(roots, value)| format!("\n      {}: {value}", roots.join(", ")));
    format!("{}{}", it.path, lines.collect::<String>())
}
