//! A root, read back: blocks by Terraform address, with references resolved.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{
    Files,
    block::{Block, items},
    resolve,
};

/// One Terraform root of a tree.
#[derive(Debug, Default)]
pub(crate) struct Root {
    pub(super) name: String,
    pub(crate) blocks: BTreeMap<String, Block>,
    /// Files that blocks read by `templatefile`.
    pub(super) documents: BTreeSet<String>,
    /// Addresses that were others before, and addresses that are given up without being destroyed.
    pub(super) moved: Vec<(String, String)>,
    pub(super) forgotten: BTreeSet<String>,
    pub(super) imported: BTreeSet<String>,
    pub(super) provider: Value,
    pub(super) terraform: Value,
    pub(super) outputs: BTreeMap<String, Value>,
}

/// One folder of Terraform files: the root, or a module.
#[derive(Debug, Default)]
struct Folder {
    sections: Map<String, Value>,
}

impl Folder {
    fn section(&self, name: &str) -> impl Iterator<Item = (&String, &Value)> {
        self.sections.get(name).and_then(Value::as_object).into_iter().flatten()
    }
}

/// What resolves the references of one root.
struct Wires {
    root: Folder,
    modules: BTreeMap<String, Folder>,
}

impl Root {
    /// Reads `generated/<name>/`, and no other root that lies in it.
    pub(crate) fn read(name: &str, side: &str, files: &Files) -> Result<Self, Vec<String>> {
        let prefix = format!("generated/{name}/");
        let mut wires = Wires { root: Folder::default(), modules: BTreeMap::new() };
        let mut errors = Vec::new();
        for (path, text) in files.range(prefix.clone()..) {
            let Some(inside) = path.strip_prefix(&prefix) else { break };
            if !inside.ends_with(".tf.json") {
                continue;
            }
            let module = inside.strip_prefix("modules/").and_then(|it| it.split_once('/'));
            let folder = match module {
                Some((module, _)) => wires.modules.entry(module.to_owned()).or_default(),
                None if inside.contains('/') => continue,
                None => &mut wires.root,
            };
            let parsed: Map<String, Value> = match serde_json::from_str(text) {
                Ok(it) => it,
                Err(err) => {
                    errors.push(format!("{path} ({side}) is no Terraform JSON: {err}"));
                    continue;
                }
            };
            for (section, content) in parsed {
                merge(folder.sections.entry(section).or_insert(Value::Null), content);
            }
        }
        if errors.is_empty() {
            Root::from_wires(name, &wires, &prefix, files, &mut errors, side)
        } else {
            Err(errors)
        }
    }

    fn from_wires(
        name: &str,
        wires: &Wires,
        prefix: &str,
        files: &Files,
        errors: &mut Vec<String>,
        side: &str,
    ) -> Result<Self, Vec<String>> {
        let mut root = Root { name: name.to_owned(), ..Root::default() };
        let folders = wires.modules.iter().map(|(name, it)| (Some(name.as_str()), it));
        for (module, folder) in folders.chain([(None, &wires.root)]) {
            let in_module = module.map(|it| format!("module.{it}.")).unwrap_or_default();
            for (kind, mark) in [("resource", ""), ("data", "data.")] {
                for (tf_type, blocks) in folder.section(kind) {
                    for (block_name, body) in blocks.as_object().into_iter().flatten() {
                        let address = format!("{in_module}{mark}{tf_type}.{block_name}");
                        let body = wires.resolved(body, module, 0);
                        let mut block =
                            Block { address, tf_type: tf_type.clone(), body, document: None };
                        let folder = module.map_or(String::new(), |it| format!("modules/{it}/"));
                        root.read_document(&mut block, &format!("{prefix}{folder}"), files)
                            .unwrap_or_else(|it| errors.push(format!("{it} ({side})")));
                        root.blocks.insert(block.address.clone(), block);
                    }
                }
            }
            let full = |value: &Value| value.as_str().map(|it| format!("{in_module}{it}"));
            let every = |section: &str| folder.sections.get(section).map_or(&[][..], items);
            for it in every("moved") {
                root.moved.extend(full(&it["from"]).zip(full(&it["to"])));
            }
            for it in every("removed") {
                let lifecycle = items(&it["lifecycle"]).first().unwrap_or(&Value::Null);
                if lifecycle["destroy"] == false {
                    root.forgotten.extend(full(&it["from"]));
                }
            }
            root.imported.extend(every("import").iter().filter_map(|it| full(&it["to"])));
        }
        let section = |name: &str| wires.root.sections.get(name).cloned().unwrap_or_default();
        root.provider = section("provider");
        root.terraform = section("terraform");
        for (name, body) in wires.root.section("output") {
            root.outputs.insert(name.clone(), wires.resolved(body, None, 0));
        }
        if errors.is_empty() { Ok(root) } else { Err(std::mem::take(errors)) }
    }

    /// What `templatefile("${path.module}/order.asl.json", { name = value })` reads.
    fn read_document(
        &mut self,
        block: &mut Block,
        folder: &str,
        files: &Files,
    ) -> Result<(), String> {
        const CALL: &str = "${templatefile(\"${path.module}/";
        let attribute = match block.tf_type.as_str() {
            "aws_sfn_state_machine" => "definition",
            "aws_cloudwatch_dashboard" => "dashboard_body",
            _ => return Ok(()),
        };
        let Some(text) = block.body[attribute].as_str() else { return Ok(()) };
        let (file, arguments, source) = match text.strip_prefix(CALL) {
            None => (None, "", text),
            Some(call) => {
                let Some((file, rest)) = call.split_once('"') else { return Ok(()) };
                let arguments = rest.split_once("{ ").and_then(|(_, it)| it.split_once(" })"));
                let path = format!("{folder}{file}");
                let Some(source) = files.get(&path) else {
                    return Err(format!("{} reads {path}, which is not there", block.address));
                };
                (Some(path), arguments.map_or("", |it| it.0), source.as_str())
            }
        };
        let values: BTreeMap<&str, &str> =
            arguments.split(", ").filter_map(|it| it.split_once(" = ")).collect();
        let lookup = |it: &str| values.get(it).map(|it| (*it).to_owned());
        let parsed = serde_json::from_str(source);
        if let Some(path) = &file {
            self.documents.insert(path.clone());
        }
        match parsed {
            Ok(document) => {
                block.document = Some(texts_by(&document, &|it| resolve::text(it, &lookup)));
                if let Some(path) = file {
                    // Two machines are the same where their documents are, whatever wires lead there.
                    let name = path.rsplit('/').next().unwrap_or_default();
                    block.body[attribute] = Value::String(format!("(the document {name})"));
                }
                Ok(())
            }
            // A definition made by an expression: it is compared as text.
            Err(_) if file.is_none() => Ok(()),
            Err(err) => Err(format!("{} is no JSON: {err}", file.unwrap_or_default())),
        }
    }

    /// Gives resources the addresses that `after` says they move to; returns what moved.
    pub(super) fn moved_as(&mut self, after: &Root) -> Vec<(String, String)> {
        let mut done = Vec::new();
        for (from, to) in &after.moved {
            let inside = format!("{from}.");
            let all = self.blocks.keys().filter(|it| *it == from || it.starts_with(&inside));
            for old in all.cloned().collect::<Vec<_>>() {
                let new = format!("{to}{}", &old[from.len()..]);
                // Terraform moves what is there, and onto nothing that is there already.
                if self.blocks.contains_key(&new) || !after.blocks.contains_key(&new) {
                    continue;
                }
                if let Some(mut block) = self.blocks.remove(&old) {
                    block.address.clone_from(&new);
                    self.blocks.insert(new.clone(), block);
                    done.push((old, new));
                }
            }
        }
        if !done.is_empty() {
            let renamed = |word: &str| {
                let found = done.iter().find(|(old, _)| {
                    word.strip_prefix(old.as_str())
                        .is_some_and(|it| it.is_empty() || it.starts_with('.'))
                });
                found.map(|(old, new)| format!("{new}{}", &word[old.len()..]))
            };
            for block in self.blocks.values_mut() {
                block.body = texts_by(&block.body, &|it| resolve::text(it, &renamed));
                let document = block.document.as_ref();
                block.document = document.map(|it| texts_by(it, &|it| resolve::text(it, &renamed)));
            }
        }
        done
    }
}

impl Root {
    /// Writes the account and the region of `after` where this root's own stand.
    pub(super) fn speak_as(&mut self, after: &Root) {
        let own = |root: &Root| (root.accounts(), root.region());
        let ((accounts, region), (new_accounts, new_region)) = (own(self), own(after));
        let mut words: Vec<(String, String)> = Vec::new();
        if let ([old], [new]) = (&accounts[..], &new_accounts[..])
            && old != new
        {
            words.push((old.clone(), new.clone()));
        }
        words.extend(region.zip(new_region).filter(|(old, new)| old != new));
        if words.is_empty() {
            return;
        }
        let replaced = |text: &str| {
            words.iter().fold(text.to_owned(), |text, (old, new)| text.replace(old, new))
        };
        for block in self.blocks.values_mut() {
            block.body = texts_by(&block.body, &replaced);
            block.document = block.document.as_ref().map(|it| texts_by(it, &replaced));
        }
    }
}

impl Wires {
    fn resolved(&self, value: &Value, module: Option<&str>, depth: usize) -> Value {
        texts_by(value, &|text| self.text(text, module, depth))
    }

    fn text(&self, text: &str, module: Option<&str>, depth: usize) -> String {
        if !text.contains("${") {
            return text.to_owned();
        }
        resolve::text(text, &|word| self.lookup(word, module, depth))
    }

    /// What a traversal inside a folder means, seen from everywhere.
    fn lookup(&self, word: &str, module: Option<&str>, depth: usize) -> Option<String> {
        // Generated wires end after two steps; others might go round.
        if depth > 8 {
            return None;
        }
        let mut parts = word.split('.');
        match (parts.next()?, module) {
            ("var", Some(here)) => {
                let call = self.root.sections.get("module")?.get(here)?;
                let value = call.get(parts.next()?)?.as_str()?;
                Some(resolve::as_expression(&self.text(value, None, depth + 1)))
            }
            ("module", None) => {
                let (there, output) = (parts.next()?, parts.next()?);
                let outputs = self.modules.get(there)?.sections.get("output")?;
                let value = outputs.get(output)?.get("value")?.as_str()?;
                Some(resolve::as_expression(&self.text(value, Some(there), depth + 1)))
            }
            (first, Some(here)) if first == "data" || first.starts_with("aws_") => {
                parts.next().map(|_| format!("module.{here}.{word}"))
            }
            _ => None,
        }
    }
}

/// The same with every text replaced.
fn texts_by(value: &Value, replace: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(replace(text)),
        Value::Array(items) => items.iter().map(|it| texts_by(it, replace)).collect(),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, it)| (name.clone(), texts_by(it, replace)));
            Value::Object(fields.collect())
        }
        other => other.clone(),
    }
}

/// Terraform puts the files of a folder together; so do we.
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
