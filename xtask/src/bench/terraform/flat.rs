//! Converts a root to one module, without module calls, and without variables and outputs between modules.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use fs_err as fs;
use serde_json::{Map, Value, json};

use super::expression;
use crate::bench::files;

/// The file of a root or a module that has its resources.
const MAIN: &str = "main.tf.json";

/// The name of a module's resource in the one module that has all of them.
fn name(module: &str, resource: &str) -> String {
    format!("{module}__{resource}")
}

/// The address of a module's block in the one module.
pub(super) fn address(module: &str, block: &str) -> String {
    match block.rsplit_once('.') {
        Some((kind, resource)) => format!("{kind}.{}", name(module, resource)),
        None => block.to_owned(),
    }
}

/// Writes a generated root into `to` as one module, and returns the number of connections that this removes.
pub(super) fn write(root: &Path, to: &Path) -> anyhow::Result<Wires> {
    files::empty(to)?;
    let generated = Root::read(root)?;
    for (source, copy) in &generated.templates {
        let copy = to.join(copy);
        fs::create_dir_all(copy.parent().unwrap_or(to))?;
        fs::copy(source, copy)?;
    }
    fs::write(to.join(MAIN), format!("{:#}\n", generated.flat()?))?;
    Ok(generated.wires())
}

/// The number of connections between the modules of a root, and in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wires {
    pub(super) modules: usize,
    pub(super) variables: usize,
    pub(super) outputs: usize,
    /// The number of resources and data sources.
    pub(super) blocks: usize,
}

/// A generated root.
struct Root {
    /// Its content, except the calls of its modules.
    own: Value,
    modules: BTreeMap<String, Module>,
    /// Files that a module reads, and their paths in the one module.
    templates: Vec<(PathBuf, PathBuf)>,
}

/// A module, and the arguments of its call.
struct Module {
    /// The arguments, by their names.
    given: Map<String, Value>,
    blocks: Value,
}

impl Root {
    fn read(folder: &Path) -> anyhow::Result<Self> {
        let mut own = blocks(folder)?;
        let calls = own.as_object_mut().and_then(|it| it.remove("module")).unwrap_or_default();
        // These blocks change a state that the flat root never had.
        for gone in ["removed", "moved"] {
            own.as_object_mut().and_then(|it| it.remove(gone));
        }
        let mut root = Root { own, modules: BTreeMap::new(), templates: Vec::new() };
        for (name, call) in members(&calls) {
            let mut given = call.as_object().cloned().unwrap_or_default();
            let source = given.remove("source");
            let source = source.as_ref().and_then(Value::as_str);
            let source = folder.join(source.with_context(|| format!("{name} has no source"))?);
            for path in files::below(&source)? {
                if !is_terraform(&path) {
                    let copy = Path::new(name).join(path.strip_prefix(&source)?);
                    root.templates.push((path, copy));
                }
            }
            root.modules.insert(name.clone(), Module { given, blocks: blocks(&source)? });
        }
        Ok(root)
    }

    fn flat(&self) -> anyhow::Result<Value> {
        let mut all = self.rewritten(None, &self.own)?;
        for (module, Module { blocks, .. }) in &self.modules {
            for mode in ["data", "resource"] {
                for (kind, named) in members(&blocks[mode]) {
                    for (resource, block) in members(named) {
                        let block = self.rewritten(Some(module), block)?;
                        all[mode][kind][name(module, resource)] = block;
                    }
                }
            }
        }
        Ok(all)
    }

    fn wires(&self) -> Wires {
        let mut wires = Wires { modules: self.modules.len(), variables: 0, outputs: 0, blocks: 0 };
        for Module { given, blocks } in self.modules.values() {
            wires.variables += given.len();
            wires.outputs += members(&blocks["output"]).count();
            for mode in ["data", "resource"] {
                wires.blocks +=
                    members(&blocks[mode]).map(|it| members(it.1).count()).sum::<usize>();
            }
        }
        wires
    }

    /// A value of a module, or of the root, as it is written in the one module.
    fn rewritten(&self, module: Option<&str>, value: &Value) -> anyhow::Result<Value> {
        Ok(match value {
            Value::String(text) => json!(self.text(module, text)?),
            Value::Array(all) => {
                let all = all.iter().map(|it| self.rewritten(module, it));
                Value::Array(all.collect::<anyhow::Result<_>>()?)
            }
            Value::Object(all) => {
                let mut object = Map::new();
                for (key, value) in all {
                    let value = match key.as_str() {
                        // A comment, which has no references.
                        "//" => value.clone(),
                        "depends_on" => self.addresses(module, value)?,
                        _ => self.rewritten(module, value)?,
                    };
                    object.insert(key.clone(), value);
                }
                Value::Object(object)
            }
            other => other.clone(),
        })
    }

    /// Terraform expects plain addresses here, without `${…}`.
    fn addresses(&self, module: Option<&str>, value: &Value) -> anyhow::Result<Value> {
        let addresses = value.as_array().context("depends_on is not a list")?.iter();
        let addresses = addresses.map(|it| {
            let address = it.as_str().context("an address is not a text")?;
            let parts: Vec<&str> = address.split('.').collect();
            let (written, used) = self.reference(module, &parts)?.with_context(|| {
                format!("depends_on names {address}, and its module has no such block")
            })?;
            anyhow::ensure!(used == parts.len(), "{address} is not the address of a block");
            Ok(json!(written))
        });
        Ok(Value::Array(addresses.collect::<anyhow::Result<_>>()?))
    }

    fn text(&self, module: Option<&str>, text: &str) -> anyhow::Result<String> {
        expression::rewrite(text, &|parts| self.reference(module, parts))
    }

    /// Returns a reference as it is in the one module, and how many of its parts it replaces. `None` if it stays.
    fn reference(
        &self,
        module: Option<&str>,
        parts: &[&str],
    ) -> anyhow::Result<Option<(String, usize)>> {
        Ok(match (module, parts) {
            (None, ["module", of, output, ..]) => {
                let called = self.modules.get(*of).with_context(|| format!("no module {of}"))?;
                let value = &called.blocks["output"][*output]["value"];
                Some((self.expression(Some(of), value)?, 3))
            }
            (Some(of), ["var", variable, ..]) => {
                // The key exists: `module` is one of the map's keys.
                let given = self.modules[of].given.get(*variable);
                let given = given.with_context(|| format!("{of} gets no argument {variable}"))?;
                Some((self.expression(None, given)?, 2))
            }
            (Some(of), ["path", "module", ..]) => Some((format!("\"${{path.module}}/{of}\""), 2)),
            (Some(of), ["data", kind, block, ..]) if self.has(of, "data", kind, block) => {
                Some((format!("data.{kind}.{}", name(of, block)), 3))
            }
            (Some(of), [kind, block, ..]) if self.has(of, "resource", kind, block) => {
                Some((format!("{kind}.{}", name(of, block)), 2))
            }
            _ => None,
        })
    }

    fn has(&self, module: &str, mode: &str, kind: &str, block: &str) -> bool {
        self.modules[module].blocks[mode][kind].get(block).is_some()
    }

    /// Returns the expression of a value, for use within another expression.
    fn expression(&self, module: Option<&str>, value: &Value) -> anyhow::Result<String> {
        let text = value.as_str().context("a module gets an argument that is not a text")?;
        match text.strip_prefix("${").and_then(|it| it.strip_suffix('}')) {
            // A text with two expressions has a closing brace between them.
            Some(inner) if !inner.contains(['{', '}']) => {
                let rewritten = self.text(module, text)?;
                Ok(rewritten[2..rewritten.len() - 1].to_owned())
            }
            _ => bail!("a module gets {text:?}, which is not one expression"),
        }
    }
}

/// Merges the blocks of all files of a folder.
fn blocks(folder: &Path) -> anyhow::Result<Value> {
    let mut all = json!({});
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if is_terraform(&path) {
            let file: Value = serde_json::from_slice(&fs::read(&path)?)
                .with_context(|| format!("{} is not JSON", path.display()))?;
            merge(&mut all, file);
        }
    }
    Ok(all)
}

/// Merges the blocks of one file into those of the others. Two files may have different parts of a block such as `terraform`.
fn merge(all: &mut Value, more: Value) {
    match (all, more) {
        (Value::Object(all), Value::Object(more)) => {
            for (key, value) in more {
                merge(all.entry(key).or_insert(Value::Null), value);
            }
        }
        (all, more) => *all = more,
    }
}

fn is_terraform(path: &Path) -> bool {
    path.to_string_lossy().ends_with(".tf.json")
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

#[cfg(test)]
mod tests;
