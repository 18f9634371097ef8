//! The files of a root and of its modules, and how modules are called.
//!
//! <https://developer.hashicorp.com/terraform/language/files>

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{block::items, root::is_none};

/// How the review reads a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source<'p> {
    /// Terraform JSON of the root.
    Root,
    /// Terraform JSON of the folder of this name below `modules`.
    Module(&'p str),
    /// Terraform may read it, and the review does not: HCL, values of variables, an override file, or a name that
    /// Terraform ignores.
    Unread,
    /// Terraform does not load it by itself.
    Other,
}

impl<'p> Source<'p> {
    /// Classifies a file by its path inside the root.
    pub(super) fn of(inside: &'p str) -> Self {
        let (folder, file) = inside.rsplit_once('/').unwrap_or(("", inside));
        let is_json = file.ends_with(".tf.json");
        let is_override = ["override.tf.json", "override.tofu.json"]
            .iter()
            .any(|it| file.strip_suffix(it).is_some_and(|it| it.is_empty() || it.ends_with('_')));
        let endings = [".tf", ".tofu", ".tofu.json", ".tfvars", ".tfvars.json", LOCK_FILE];
        if is_ignored(file) {
            return if is_json || endings.iter().any(|it| file.ends_with(it)) {
                Source::Unread
            } else {
                Source::Other
            };
        }
        if is_override || endings.iter().any(|it| file.ends_with(it)) {
            return Source::Unread;
        }
        match folder.strip_prefix("modules/") {
            _ if !is_json => Source::Other,
            _ if folder.is_empty() => Source::Root,
            Some(module) if !module.contains('/') => Source::Module(module),
            // A module inside of a module, or another root.
            Some(_) => Source::Unread,
            None => Source::Other,
        }
    }
}

/// The file with the provider releases that `terraform init` installs.
/// <https://developer.hashicorp.com/terraform/language/files/dependency-lock>
const LOCK_FILE: &str = ".terraform.lock.hcl";

/// Whether Terraform ignores a file of this name, such as the backup of an editor, whatever its extension is.
pub(super) fn is_ignored(file: &str) -> bool {
    let hidden = file.starts_with('.') && file != LOCK_FILE;
    hidden || file.ends_with('~') || (file.starts_with('#') && file.ends_with('#'))
}

/// One folder of Terraform files: the root, or a module.
#[derive(Debug, Default)]
pub(super) struct Folder {
    pub(super) sections: Map<String, Value>,
}

impl Folder {
    /// Adds the sections of another file of the folder.
    pub(super) fn add(&mut self, file: Map<String, Value>) {
        for (section, content) in file {
            merge(self.sections.entry(section).or_insert(Value::Null), content);
        }
    }

    /// The entries of a section, by name.
    pub(super) fn section(&self, name: &str) -> impl Iterator<Item = (&String, &Value)> {
        self.sections.get(name).and_then(Value::as_object).into_iter().flatten()
    }

    /// The blocks of a section that has no names.
    pub(super) fn blocks(&self, name: &str) -> &[Value] {
        self.sections.get(name).map_or(&[][..], items)
    }

    /// The sections and variables that the review does not follow, by address in the folder.
    pub(super) fn unread(&self, is_root: bool) -> impl Iterator<Item = (String, Value)> {
        const FOLLOWED: &[&str] =
            &["//", "data", "import", "moved", "output", "removed", "resource", "variable"];
        // Only the root calls modules. It also has the providers and the state.
        const OF_THE_ROOT: &[&str] = &["module", "provider", "terraform"];
        let sections = self.sections.iter().filter(move |(name, _)| {
            let name = name.as_str();
            let is_followed = is_root && OF_THE_ROOT.contains(&name);
            !is_followed && !FOLLOWED.contains(&name)
        });
        let sections = sections.map(|(name, it)| (name.clone(), it.clone()));
        let variables = self.section("variable").filter_map(move |(name, body)| {
            let mut body = body.as_object()?.clone();
            // The review follows the values that a call sets, and the defaults in a module.
            let for_people: &[&str] = if is_root {
                &["//", "description"]
            } else {
                &["//", "default", "description", "nullable", "sensitive", "type"]
            };
            body.retain(|name, _| !for_people.contains(&name.as_str()));
            (!body.is_empty()).then(|| (format!("variable.{name}"), Value::Object(body)))
        });
        let removed = self.blocks("removed").iter().filter(|it| !it["provisioner"].is_null());
        let removed = removed
            .map(|it| (format!("removed.{}", it["from"].as_str().unwrap_or("")), it.clone()));
        sections.chain(variables).chain(removed)
    }
}

/// How the root calls a module.
#[derive(Debug)]
pub(super) struct Call {
    /// The folder below `modules`. `None` if the review does not follow the module's blocks.
    pub(super) folder: Option<String>,
    /// The arguments of the call that the review does not follow.
    pub(super) unread: Option<Value>,
}

impl Call {
    pub(super) fn of(body: &Value, folders: &BTreeMap<String, Folder>) -> Self {
        if is_none(body) {
            return Call { folder: None, unread: None };
        }
        let source = body["source"].as_str().unwrap_or_default();
        let folder = source.strip_prefix("./modules/").map(|it| it.trim_end_matches('/'));
        let Some(folder) = folder.filter(|it| folders.contains_key(*it)) else {
            return Call { folder: None, unread: Some(body.clone()) };
        };
        let names = ["count", "for_each", "providers", "version"];
        let unread: Map<String, Value> = names
            .into_iter()
            .filter_map(|name| {
                Some((name.to_owned(), body.get(name).filter(|it| !it.is_null())?.clone()))
            })
            .collect();
        let unread = (!unread.is_empty()).then(|| json!(unread));
        Call { folder: Some(folder.to_owned()), unread }
    }
}

/// Merges the files of a folder, as Terraform does.
fn merge(into: &mut Value, more: Value) {
    match (into, more) {
        (Value::Object(fields), Value::Object(more)) => {
            for (name, value) in more {
                merge(fields.entry(name).or_insert(Value::Null), value);
            }
        }
        (Value::Array(items), Value::Array(more)) => items.extend(more),
        (into, more) => *into = more,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_a_file_decides_how_it_is_read() {
        let check = |path: &str, expected: Source<'_>| {
            assert_eq!(Source::of(path), expected, "{path}");
        };
        check("main.tf.json", Source::Root);
        check("modules/sqs/main.tf.json", Source::Module("sqs"));
        check("modules/sqs/inner/main.tf.json", Source::Unread);
        check("extra.tf", Source::Unread);
        check("modules/sqs/extra.tf", Source::Unread);
        check("override.tf.json", Source::Unread);
        check("more_override.tf.json", Source::Unread);
        check("no-override.tf.json", Source::Root);
        check(".main.tf.json", Source::Unread);
        check("modules/sqs/.main.tf.json", Source::Unread);
        check("modules/.sqs/main.tf.json", Source::Module(".sqs"));
        check("main.tf.json~", Source::Other);
        check(".terraform.lock.hcl", Source::Unread);
        check("a.auto.tfvars.json", Source::Unread);
        check("TOPOLOGY.md", Source::Other);
        check("inner/main.tf.json", Source::Other);
    }
}
