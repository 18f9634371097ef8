//! The files of a root, as values that edits change, and the references between blocks.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use serde_json::{Map, Value, json};

/// The JSON files of a root, by their path in it.
#[derive(Clone)]
pub(super) struct Root(pub(super) BTreeMap<String, Value>);

/// A block: its module, its type, with the prefix `data.` for a data source, and its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) module: String,
    pub(super) tf_type: String,
    pub(super) name: String,
}

impl Place {
    fn of(module: &str, tf_type: &str, name: &str) -> Self {
        Place { module: module.to_owned(), tf_type: tf_type.to_owned(), name: name.to_owned() }
    }

    /// `aws_sqs_queue.order_queue`, as the block is called inside its module.
    pub(super) fn local(&self) -> String {
        format!("{}.{}", self.tf_type, self.name)
    }

    pub(super) fn address(&self) -> String {
        format!("module.{}.{}", self.module, self.local())
    }

    pub(super) fn is_data(&self) -> bool {
        self.tf_type.starts_with("data.")
    }

    pub(super) fn named(&self, name: &str) -> Self {
        Place { name: name.to_owned(), ..self.clone() }
    }

    /// The path of its file, and the keys of its section and of its type in there.
    fn path(&self) -> (String, &str, &str) {
        let (section, tf_type) = match self.tf_type.strip_prefix("data.") {
            Some(it) => ("data", it),
            None => ("resource", self.tf_type.as_str()),
        };
        (main(&self.module), section, tf_type)
    }
}

fn main(module: &str) -> String {
    format!("modules/{module}/main.tf.json")
}

impl Root {
    /// The root in a folder of the committed `generated/`.
    pub(super) fn committed(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../generated").join(name);
        let (mut files, mut folders) = (BTreeMap::new(), vec![folder.clone()]);
        while let Some(next) = folders.pop() {
            for path in fs::read_dir(next).unwrap().map(|it| it.unwrap().path()) {
                if path.is_dir() && !path.ends_with(".terraform") {
                    folders.push(path);
                } else if path.extension().is_some_and(|it| it == "json") {
                    let inside = path.strip_prefix(&folder).unwrap().to_str().unwrap();
                    let text = fs::read_to_string(&path).unwrap();
                    files.insert(inside.to_owned(), serde_json::from_str(&text).unwrap());
                }
            }
        }
        Root(files)
    }

    /// Returns the texts of the files, with a prefix before their paths.
    pub(super) fn texts(&self, prefix: &str) -> BTreeMap<String, String> {
        let text =
            |(path, file): (&String, &Value)| (format!("{prefix}{path}"), format!("{file:#}\n"));
        self.0.iter().map(text).collect()
    }

    fn modules(&self) -> impl Iterator<Item = &str> {
        let paths = self.0.keys();
        paths.filter_map(|it| it.strip_prefix("modules/")?.strip_suffix("/main.tf.json"))
    }

    /// Returns all blocks.
    pub(super) fn blocks(&self) -> Vec<(Place, &Value)> {
        let mut all = Vec::new();
        for module in self.modules() {
            for (section, mark) in [("resource", ""), ("data", "data.")] {
                for (tf_type, blocks) in fields(&self.0[&main(module)][section]) {
                    for (name, body) in fields(blocks) {
                        all.push((Place::of(module, &format!("{mark}{tf_type}"), name), body));
                    }
                }
            }
        }
        all
    }

    pub(super) fn block(&self, place: &Place) -> &Value {
        let (path, section, tf_type) = place.path();
        &self.0[&path][section][tf_type][&place.name]
    }

    /// Returns the block at a place, to change it.
    pub(super) fn block_mut(&mut self, place: &Place) -> &mut Value {
        let (path, section, tf_type) = place.path();
        &mut self.0.get_mut(&path).unwrap()[section][tf_type][&place.name]
    }

    pub(super) fn take(&mut self, place: &Place) -> Value {
        let (path, section, tf_type) = place.path();
        let types = self.0.get_mut(&path).unwrap()[section].as_object_mut().unwrap();
        let blocks = types[tf_type].as_object_mut().unwrap();
        let body = blocks.remove(&place.name).unwrap_or_else(|| panic!("no {place:?}"));
        // Terraform refuses a type without a block.
        if blocks.is_empty() {
            types.remove(tf_type);
        }
        body
    }

    /// Renames a block, and changes the references to it.
    pub(super) fn rename(&mut self, from: &Place, to: &str) {
        let body = self.take(from);
        let new = from.named(to);
        *self.block_mut(&new) = body;
        let (old, new) = (from.local(), new.local());
        let folder = format!("modules/{}/", from.module);
        for (_, file) in self.0.iter_mut().filter(|it| it.0.starts_with(&folder)) {
            each_text(file, &mut |text| {
                *text = words(text).map(|it| renamed(it, &old, &new)).collect();
            });
        }
    }

    /// Adds a `moved` block.
    pub(super) fn moved(&mut self, from: &Place, to: &Place) {
        let file = self.0.entry("refactoring.tf.json".to_owned()).or_insert_with(|| json!({}));
        let moved = file.as_object_mut().unwrap().entry("moved").or_insert_with(|| json!([]));
        let step = json!({ "from": from.address(), "to": to.address() });
        moved.as_array_mut().unwrap().push(step);
    }

    /// For each block, the blocks that it refers to.
    pub(super) fn references(&self) -> BTreeMap<Place, BTreeSet<Place>> {
        let blocks = self.blocks();
        let known: BTreeMap<String, &Place> =
            blocks.iter().map(|it| (it.0.address(), &it.0)).collect();
        let of = |(place, body): &(Place, &Value)| {
            let found = self.words_of(&place.module, body);
            let found = found.iter().filter_map(|it| known.get(it)).map(|it| (*it).clone());
            (place.clone(), found.collect())
        };
        blocks.iter().map(of).collect()
    }

    /// Returns the blocks that outputs refer to.
    pub(super) fn shown(&self) -> BTreeSet<String> {
        let modules = self.modules();
        let shown = modules
            .flat_map(|it| self.words_of(it, &self.0[&format!("modules/{it}/outputs.tf.json")]));
        shown.collect()
    }

    /// The addresses that a value of a module names.
    fn words_of(&self, module: &str, value: &Value) -> BTreeSet<String> {
        let mut texts = Vec::new();
        collect("", value, &mut texts);
        let mut found = BTreeSet::new();
        for word in texts.iter().flat_map(|it| words(it)) {
            if let Some(it) = address(word) {
                found.insert(format!("module.{module}.{it}"));
            } else if let Some(name) = word.strip_prefix("var.") {
                let given = &self.0["main.tf.json"]["module"][module][name];
                let wire =
                    given.as_str().and_then(|it| it.strip_prefix("${module.")?.strip_suffix('}'));
                let Some((there, output)) = wire.and_then(|it| it.split_once('.')) else {
                    continue;
                };
                let output = &self.0[&format!("modules/{there}/outputs.tf.json")]["output"][output];
                found.extend(self.words_of(there, &output["value"]));
            }
        }
        found
    }
}

/// `aws_sqs_queue.order_queue` of `aws_sqs_queue.order_queue.arn`.
pub(super) fn address(word: &str) -> Option<String> {
    let (mark, rest) = match word.strip_prefix("data.") {
        Some(it) => ("data.", it),
        None => ("", word),
    };
    let mut parts = rest.split('.');
    let tf_type = parts.next().filter(|it| it.starts_with("aws_"))?;
    Some(format!("{mark}{tf_type}.{}", parts.next()?))
}

fn renamed(word: &str, old: &str, new: &str) -> String {
    let rest = word.strip_prefix(old).filter(|it| it.is_empty() || it.starts_with('.'));
    rest.map_or_else(|| word.to_owned(), |it| format!("{new}{it}"))
}

/// Returns the words of an expression, and the texts between them.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_word = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '.' | '-');
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = rest.find(|it| is_word(it) != is_word(first)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(word)
    })
}

/// Every text of a value, except texts for people.
fn collect<'v>(name: &str, value: &'v Value, texts: &mut Vec<&'v str>) {
    match value {
        Value::String(_) if matches!(name, "//" | "description" | "alarm_description") => (),
        Value::String(it) => texts.push(it),
        Value::Array(items) => items.iter().for_each(|it| collect(name, it, texts)),
        Value::Object(fields) => fields.iter().for_each(|(name, it)| collect(name, it, texts)),
        _ => (),
    }
}

fn each_text(value: &mut Value, edit: &mut impl FnMut(&mut String)) {
    match value {
        Value::String(it) => edit(it),
        Value::Array(items) => items.iter_mut().for_each(|it| each_text(it, edit)),
        Value::Object(fields) => fields.values_mut().for_each(|it| each_text(it, edit)),
        _ => (),
    }
}

pub(super) fn fields(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}
