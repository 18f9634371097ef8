//! Reads a root back from its files: blocks by Terraform address, with references resolved.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    Files,
    block::{Block, items},
    folder::{Call, Folder, Source},
    json, moved, resolve,
};
use infra_core::{
    check::provider::{self, canonical::whole},
    model::BlockKind,
};

/// One Terraform root of a tree.
#[derive(Debug, Default)]
pub(crate) struct Root {
    pub(super) name: String,
    pub(crate) blocks: BTreeMap<String, Block>,
    /// Files that blocks read by `templatefile`.
    pub(super) documents: BTreeSet<String>,
    /// The old and the new addresses of the `moved` blocks.
    pub(super) moved: Vec<(String, String)>,
    /// Addresses that Terraform removes from the state without destroying the resource.
    pub(super) forgotten: BTreeSet<String>,
    pub(super) imported: BTreeSet<String>,
    pub(super) provider: Value,
    pub(super) terraform: Value,
    pub(super) outputs: BTreeMap<String, Value>,
    /// Files, sections and arguments that Terraform reads and the review does not follow, by address.
    pub(super) unread: BTreeMap<String, Value>,
}

/// The modules and their calls, which resolve the references of one root.
struct Wires {
    root: Folder,
    /// By the name of the folder below `modules`.
    folders: BTreeMap<String, Folder>,
    /// By the name of the call.
    calls: BTreeMap<String, Call>,
}

impl Root {
    /// Reads `generated/<name>/`, without other roots inside it.
    pub(crate) fn read(name: &str, side: &str, files: &Files) -> Result<Self, Vec<String>> {
        let prefix = format!("generated/{name}/");
        let mut wires =
            Wires { root: Folder::default(), folders: BTreeMap::new(), calls: BTreeMap::new() };
        let mut root = Root { name: name.to_owned(), ..Root::default() };
        let mut errors = Vec::new();
        for (path, text) in files.range(prefix.clone()..) {
            let Some(inside) = path.strip_prefix(&prefix) else { break };
            let folder = match Source::of(inside) {
                Source::Root => &mut wires.root,
                Source::Module(module) => wires.folders.entry(module.to_owned()).or_default(),
                Source::Unread => {
                    root.unread.insert(inside.to_owned(), Value::String(text.clone()));
                    continue;
                }
                Source::Other => continue,
            };
            let problem = match json::parse(text) {
                Ok(Value::Object(sections)) => {
                    folder.add(sections);
                    continue;
                }
                Ok(_) => "it is not an object".to_owned(),
                Err(err) => err.to_string(),
            };
            errors.push(format!("{path} ({side}) is not Terraform JSON: {problem}"));
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        for (call, body) in wires.root.section("module") {
            wires.calls.insert(call.clone(), Call::of(body, &wires.folders));
        }
        root.take(&wires, &prefix, files, &mut errors, side);
        if errors.is_empty() { Ok(root) } else { Err(errors) }
    }

    fn take(
        &mut self,
        wires: &Wires,
        prefix: &str,
        files: &Files,
        errors: &mut Vec<String>,
        side: &str,
    ) {
        for (call, it) in &wires.calls {
            if let Some(unread) = &it.unread {
                self.unread.insert(format!("module.{call}"), unread.clone());
            }
        }
        let calls = wires.calls.iter().filter_map(|(name, call)| {
            let folder = call.folder.as_deref()?;
            Some((Some((name.as_str(), folder)), wires.folders.get(folder)?))
        });
        for (module, folder) in calls.chain([(None, &wires.root)]) {
            let in_module = module.map(|it| format!("module.{}.", it.0)).unwrap_or_default();
            for (section, kind) in [("resource", BlockKind::Resource), ("data", BlockKind::Data)] {
                let mark = if kind == BlockKind::Data { "data." } else { "" };
                for (tf_type, blocks) in folder.section(section) {
                    for (block_name, body) in blocks.as_object().into_iter().flatten() {
                        let address = format!("{in_module}{mark}{tf_type}.{block_name}");
                        let body = wires.resolved(body, module.map(|it| it.0), 0);
                        let body = canonical(kind, tf_type, body);
                        if is_none(&body) {
                            continue;
                        }
                        let arguments = body.as_object().into_iter().flatten();
                        errors.extend(arguments.filter_map(|(name, it)| {
                            let problem = json::repeated_in(it)?;
                            Some(format!("`{name}` of {address} ({side}): {problem}"))
                        }));
                        let tf_type = tf_type.clone();
                        let mut block = Block { address, kind, tf_type, body, document: None };
                        let folder =
                            module.map_or(String::new(), |it| format!("modules/{}/", it.1));
                        self.read_document(&mut block, &format!("{prefix}{folder}"), files)
                            .unwrap_or_else(|it| errors.push(format!("{it} ({side})")));
                        self.blocks.insert(block.address.clone(), block);
                    }
                }
            }
            let full = |value: &Value| value.as_str().map(|it| format!("{in_module}{it}"));
            for it in folder.blocks("moved") {
                self.moved.extend(full(&it["from"]).zip(full(&it["to"])));
            }
            for it in folder.blocks("removed") {
                let lifecycle = items(&it["lifecycle"]).first().unwrap_or(&Value::Null);
                if lifecycle["destroy"] == false {
                    self.forgotten.extend(full(&it["from"]));
                }
            }
            self.imported.extend(folder.blocks("import").iter().filter_map(|it| full(&it["to"])));
            let unread = folder.unread(module.is_none());
            self.unread.extend(unread.map(|(name, it)| (format!("{in_module}{name}"), it)));
        }
        let section = |name: &str| wires.root.sections.get(name).cloned().unwrap_or_default();
        self.provider = section("provider");
        self.terraform = section("terraform");
        for (name, body) in wires.root.section("output") {
            self.outputs.insert(name.clone(), wires.resolved(body, None, 0));
        }
    }

    /// Reads the document of `templatefile("${path.module}/order.asl.json", { name = value })`.
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
        let parsed = json::parse(source);
        if let Some(path) = &file {
            self.documents.insert(path.clone());
        }
        match parsed {
            Ok(document) => {
                block.document = Some(texts_by(&document, &|it| resolve::text(it, &lookup)));
                if let Some(path) = file {
                    // Two machines with equal documents are equal, even if the calls of `templatefile` differ.
                    let name = path.rsplit('/').next().unwrap_or_default();
                    block.body[attribute] = Value::String(format!("(the document {name})"));
                }
                Ok(())
            }
            // A definition that is an expression is compared as text.
            Err(_) if file.is_none() => Ok(()),
            Err(err) => Err(format!("{} is not JSON: {err}", file.unwrap_or_default())),
        }
    }

    /// Moves resources to new addresses by the `moved` blocks of `after`. Returns their old and new addresses.
    pub(super) fn moved_as(&mut self, after: &Root) -> Vec<(String, String)> {
        let done = moved::steps(&after.moved, self.blocks.keys(), &after.blocks);
        let taken = |(old, new): &(String, String)| {
            let mut block = self.blocks.remove(old)?;
            block.address.clone_from(new);
            Some((new.clone(), block))
        };
        let moved: Vec<_> = done.iter().filter_map(taken).collect();
        self.blocks.extend(moved);
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
    /// Replaces the account and the region of this root by those of `after`.
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
        match value {
            Value::String(text) => match self.whole(text, module) {
                Some(it) => it,
                None => resolve::plain(self.text(text, module, depth)),
            },
            Value::Array(items) => {
                items.iter().map(|it| self.resolved(it, module, depth)).collect()
            }
            Value::Object(fields) => {
                let each = |(name, it): (&String, &Value)| {
                    (name.clone(), self.resolved(it, module, depth))
                };
                Value::Object(fields.iter().map(each).collect())
            }
            other => other.clone(),
        }
    }

    /// The value of a text that is nothing but a variable, if that value is not a string.
    fn whole(&self, text: &str, module: Option<&str>) -> Option<Value> {
        let name = text.strip_prefix("${var.")?.strip_suffix('}')?;
        let value = self.variable(module?, name)?;
        (!value.is_string()).then(|| self.resolved(value, None, 1))
    }

    fn text(&self, text: &str, module: Option<&str>, depth: usize) -> String {
        if !text.contains("${") {
            return text.to_owned();
        }
        resolve::text(text, &|word| self.lookup(word, module, depth))
    }

    /// The value of a module's variable: the argument of the call, or the default.
    fn variable(&self, module: &str, name: &str) -> Option<&Value> {
        let call = self.calls.get(module)?;
        let given = self.root.sections.get("module")?.get(module)?.get(name);
        let default = || {
            let folder = self.folders.get(call.folder.as_deref()?)?;
            folder.sections.get("variable")?.get(name)?.get("default")
        };
        given.filter(|it| !it.is_null()).or_else(default)
    }

    /// Resolves a traversal inside a folder to a value or an address that holds in the whole root.
    fn lookup(&self, word: &str, module: Option<&str>, depth: usize) -> Option<String> {
        // Generated references end after two steps. Other ones could form a cycle.
        if depth > 8 {
            return None;
        }
        let mut parts = word.split('.');
        match (parts.next()?, module) {
            ("var", Some(here)) => Some(match self.variable(here, parts.next()?)? {
                Value::String(it) => resolve::as_expression(&self.text(it, None, depth + 1)),
                other => other.to_string(),
            }),
            ("module", None) => {
                let (there, output) = (parts.next()?, parts.next()?);
                let folder = self.folders.get(self.calls.get(there)?.folder.as_deref()?)?;
                let value = folder.sections.get("output")?.get(output)?.get("value")?;
                Some(match value {
                    Value::String(it) => {
                        resolve::as_expression(&self.text(it, Some(there), depth + 1))
                    }
                    other => other.to_string(),
                })
            }
            (first, Some(here)) if first == "data" || first.starts_with("aws_") => {
                parts.next().map(|_| format!("module.{here}.{word}"))
            }
            _ => None,
        }
    }
}

/// The body as Terraform reads it, with the provider that is run.
fn canonical(kind: BlockKind, tf_type: &str, body: Value) -> Value {
    provider::run().canonical(kind, tf_type, body)
}

/// Whether `count` or `for_each` of a block creates nothing.
pub(super) fn is_none(body: &Value) -> bool {
    let is_empty = match &body["for_each"] {
        Value::Object(it) => it.is_empty(),
        Value::Array(it) => it.is_empty(),
        _ => false,
    };
    is_empty || super::block::number(&body["count"]) == Some(0.0)
}

/// The value with every text replaced, and every number in its shortest form.
fn texts_by(value: &Value, replace: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(replace(text)),
        Value::Array(items) => items.iter().map(|it| texts_by(it, replace)).collect(),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, it)| (name.clone(), texts_by(it, replace)));
            Value::Object(fields.collect())
        }
        other => whole(other.clone()),
    }
}
