//! A Terraform root in JSON syntax: the modules, and the wires between them.
//!
//! <https://developer.hashicorp.com/terraform/language/syntax/json>

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::{
    json::{Seen, file, pretty, sorted},
    term::{self, Expression, Place},
};
use crate::{
    model::{
        Address, BlockKind, ModuleName, Stack,
        backend::{Backend, REQUIRED_PROVIDER, REQUIRED_TERRAFORM},
        escape,
        expr::{Attribute, Body, RootVariable},
        stack::Node,
    },
    parallel,
};

/// Every file of a root, by its path inside the root.
pub fn root(stack: &Stack, backend: Option<&Backend>) -> BTreeMap<String, String> {
    let modules = modules(stack);
    // What all modules together come to takes longest, so it is begun first.
    let mut parts = vec![Part::Ledger, Part::Calls, Part::Root];
    parts.extend(modules.iter().map(|(name, module)| Part::Module(*name, module)));
    let texts = parallel::few(&parts, stack.nodes().count(), |part| match part {
        Part::Ledger => super::refactoring::files(stack),
        Part::Calls => vec![("main.tf.json".to_owned(), calls(&modules))],
        Part::Root => around(stack, &modules, backend),
        Part::Module(name, module) => module.texts(*name),
    });
    texts.into_iter().flatten().collect()
}

/// What of a root is written at a time.
enum Part<'m, 's> {
    /// The ledger, and what else is said about other addresses.
    Ledger,
    /// The calls of all modules.
    Calls,
    /// What else is in the root's own folder.
    Root,
    /// A module's folder.
    Module(ModuleName, &'m Module<'s>),
}

fn around(
    stack: &Stack,
    modules: &BTreeMap<ModuleName, Module<'_>>,
    backend: Option<&Backend>,
) -> Vec<(String, String)> {
    let backend = backend.map(|it| ("backend.tf.json", sorted(&state(it))));
    let files = [
        ("providers.tf.json", sorted(&providers(stack))),
        ("outputs.tf.json", outputs(stack)),
        ("variables.tf.json", variables(modules)),
    ];
    files.into_iter().chain(backend).map(|(path, text)| (path.to_owned(), text)).collect()
}

/// One module: its blocks, what it takes and what it gives.
#[derive(Default)]
struct Module<'s> {
    nodes: Vec<&'s Node>,
    /// Attributes of other modules' blocks.
    takes: BTreeMap<&'s str, &'s Attribute>,
    root_variables: BTreeSet<&'s RootVariable>,
    /// Attributes that other modules or the root take.
    gives: BTreeMap<&'s str, &'s Attribute>,
}

fn modules(stack: &Stack) -> BTreeMap<ModuleName, Module<'_>> {
    let mut nodes: BTreeMap<ModuleName, Vec<&Node>> = BTreeMap::new();
    for node in stack.nodes() {
        nodes.entry(node.address.module()).or_default().push(node);
    }
    let nodes: Vec<_> = nodes.into_iter().collect();
    let modules = parallel::few(&nodes, stack.nodes().count(), |(name, nodes)| {
        (*name, Module::of(*name, nodes.clone()))
    });
    let mut modules: BTreeMap<_, _> = modules.into_iter().collect();
    let taken = modules.values().flat_map(|it| it.takes.values().copied());
    for attribute in taken.collect::<Vec<_>>() {
        give(&mut modules, attribute);
    }
    for (_, output) in stack.outputs() {
        let mut attributes = Vec::new();
        output.term.attributes(&mut attributes);
        attributes.into_iter().for_each(|it| give(&mut modules, it));
    }
    modules
}

fn give<'s>(modules: &mut BTreeMap<ModuleName, Module<'s>>, attribute: &'s Attribute) {
    let owner = modules.entry(attribute.of().module()).or_default();
    owner.gives.insert(attribute.label(), attribute);
}

impl<'s> Module<'s> {
    /// A module that gives nothing yet.
    fn of(name: ModuleName, nodes: Vec<&'s Node>) -> Self {
        let mut module = Module { nodes, ..Module::default() };
        let (mut attributes, mut variables) = (Vec::new(), Vec::new());
        for node in &module.nodes {
            node.body.terms(&mut |term| {
                term.attributes(&mut attributes);
                term.variables(&mut variables);
            });
        }
        let taken = attributes.into_iter().filter(|it| it.of().module() != name);
        module.takes = taken.map(|it| (it.label(), it)).collect();
        module.root_variables = variables.into_iter().collect();
        module
    }

    /// The module's files, by their paths inside the root.
    fn texts(&self, name: ModuleName) -> Vec<(String, String)> {
        let mut texts: Vec<_> = self.files(name).into();
        for node in &self.nodes {
            let mut documents = Vec::new();
            node.body.documents(&mut documents);
            texts.extend(documents.into_iter().map(|it| (it.file.as_str(), file(it))));
        }
        let below = |path| ["modules/", name.as_str(), "/", path].concat();
        texts.into_iter().map(|(path, text)| (below(path), text)).collect()
    }

    fn files(&self, name: ModuleName) -> [(&str, String); 3] {
        let taken = self.takes.iter().map(|(label, attribute)| {
            let (name, of) = (attribute.name(), attribute.of().as_str());
            (*label, Variable::new(["`", name, "` of ", of, "."].concat(), None))
        });
        let set = self.root_variables.iter();
        let set = set.map(|it| (it.name(), Variable::new(it.description().to_owned(), None)));
        let variables = taken.chain(set).collect();
        let gives = self.gives.iter().map(|(label, attribute)| {
            let of = attribute.of().local();
            let output = Output {
                value: term::attribute(attribute, Place::Module(name)),
                description: ["`", attribute.name(), "` of ", of, "."].concat(),
                sensitive: attribute.is_secret(),
            };
            (*label, output)
        });
        [
            ("main.tf.json", self.blocks()),
            ("variables.tf.json", section("variable", &variables)),
            ("outputs.tf.json", section("output", &gives.collect())),
        ]
    }

    fn blocks(&self) -> String {
        let mut sections: BTreeMap<&str, BTreeMap<&str, BTreeMap<&str, Block<'_>>>> =
            BTreeMap::new();
        for node in &self.nodes {
            let section = match node.address.kind() {
                BlockKind::Resource => "resource",
                BlockKind::Data => "data",
            };
            sections
                .entry(section)
                .or_default()
                .entry(node.address.tf_type())
                .or_default()
                .insert(node.address.name(), Block(node));
        }
        pretty(&sections)
    }
}

/// One block as Terraform reads it: its arguments, and what Terraform itself asks of every block.
struct Block<'s>(&'s Node);

impl Serialize for Block<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let Block(node) = self;
        let from = Place::Module(node.address.module());
        let Body::Map(arguments) = &node.body else {
            return Seen { body: &node.body, from }.serialize(out);
        };
        let arguments =
            arguments.iter().map(|(name, body)| (name, Field::Body(Seen { body, from })));
        let mut fields: BTreeMap<&str, Field<'_>> = arguments.collect();
        fields.insert("//", Field::Doc(&node.doc));
        if !node.depends_on.is_empty() {
            fields.insert("depends_on", Field::DependsOn(&node.depends_on));
        }
        if node.create_before_destroy {
            fields.insert("lifecycle", Field::Lifecycle { create_before_destroy: true });
        }
        out.collect_map(fields)
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum Field<'s> {
    Body(Seen<'s>),
    Doc(&'s str),
    #[serde(serialize_with = "locals")]
    DependsOn(&'s BTreeSet<Address>),
    Lifecycle {
        create_before_destroy: bool,
    },
}

fn locals<S: Serializer>(addresses: &BTreeSet<Address>, out: S) -> Result<S::Ok, S::Error> {
    out.collect_seq(addresses.iter().map(Address::local))
}

/// One block as Terraform reads it, for those who look into it.
pub(crate) fn block(node: &Node) -> Value {
    serde_json::to_value(Block(node)).expect("a block is texts, numbers, lists and objects")
}

/// What stands in a block beside its body.
pub(crate) const BESIDE_THE_BODY: [&str; 3] = ["//", "depends_on", "lifecycle"];

/// One argument of [`block`]; null where its body has none of this name.
pub(crate) fn argument(node: &Node, name: &str) -> Value {
    let Body::Map(arguments) = &node.body else { return Value::Null };
    let from = Place::Module(node.address.module());
    let argument = arguments.get(name).map(|body| Seen { body, from });
    serde_json::to_value(argument).expect("a body is texts, numbers, lists and objects")
}

/// A variable of a module or of the root. The fields stand in the order in which they are written.
#[derive(Serialize)]
struct Variable {
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<&'static str>,
    description: String,
    r#type: &'static str,
}

impl Variable {
    fn new(description: String, default: Option<&'static str>) -> Self {
        let description = match escape(&description) {
            Cow::Borrowed(_) => description,
            Cow::Owned(escaped) => escaped,
        };
        Variable { default, description, r#type: "string" }
    }
}

/// What a module or the root gives. The fields stand in the order in which they are written.
#[derive(Serialize)]
struct Output {
    description: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    sensitive: bool,
    value: String,
}

/// An empty section is an empty file, since an empty `variable` block would be none.
fn section(name: &str, entries: &BTreeMap<&str, impl Serialize>) -> String {
    let section = (!entries.is_empty()).then_some((name, entries));
    pretty(&section.into_iter().collect::<BTreeMap<_, _>>())
}

fn calls(modules: &BTreeMap<ModuleName, Module<'_>>) -> String {
    let calls = modules.iter().map(|(name, module)| {
        let mut call = BTreeMap::from([("source", format!("./modules/{}", name.as_str()))]);
        for (label, attribute) in &module.takes {
            call.insert(label, term::attribute(attribute, Place::Root));
        }
        for it in &module.root_variables {
            call.insert(it.name(), ["${var.", it.name(), "}"].concat());
        }
        (name.as_str(), call)
    });
    section("module", &calls.collect())
}

fn variables(modules: &BTreeMap<ModuleName, Module<'_>>) -> String {
    let all: BTreeSet<_> = modules.values().flat_map(|it| it.root_variables.iter()).collect();
    let variables = all
        .into_iter()
        .map(|it| (it.name(), Variable::new(it.description().to_owned(), Some(it.default()))));
    section("variable", &variables.collect())
}

fn outputs(stack: &Stack) -> String {
    let outputs = stack.outputs().map(|(name, output)| {
        let mut attributes = Vec::new();
        output.term.attributes(&mut attributes);
        let output = Output {
            value: format!("${{{}}}", Expression(&output.term, Place::Root)),
            description: escape(output.description).into_owned(),
            sensitive: attributes.iter().any(|it| it.is_secret()),
        };
        (name, output)
    });
    section("output", &outputs.collect())
}

fn providers(stack: &Stack) -> Value {
    let scope = stack.scope();
    let accounts: Vec<_> = scope.accounts.iter().map(|it| it.as_str()).collect();
    json!({
        "terraform": {
            "required_version": REQUIRED_TERRAFORM,
            "required_providers": {
                "aws": { "source": "hashicorp/aws", "version": REQUIRED_PROVIDER.to_string() },
            },
        },
        "provider": {
            "aws": {
                "//": "No other account than this: a wrong profile changes nothing.",
                "region": scope.region.as_str(),
                "allowed_account_ids": accounts,
                "default_tags": { "tags": scope.tags },
            },
        },
    })
}

fn state(backend: &Backend) -> Value {
    json!({
        "terraform": {
            "backend": {
                "s3": {
                    "bucket": backend.bucket,
                    "key": backend.key,
                    "region": backend.region,
                    "encrypt": true,
                    "use_lockfile": true,
                },
            },
        },
    })
}
