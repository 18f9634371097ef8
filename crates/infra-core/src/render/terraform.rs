//! Renders a Terraform root in JSON syntax: the modules, and the wires between them.
//!
//! <https://developer.hashicorp.com/terraform/language/syntax/json>

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{
    block::Block,
    document,
    json::{self, Nest, sorted, string},
    term::{self, Expression, Place},
};
use crate::{
    model::{
        BlockKind, ModuleName, Stack,
        backend::{
            Backend, PROVIDER, PROVIDER_RELEASES, PROVIDER_VERSION, REQUIRED_PROVIDER,
            REQUIRED_TERRAFORM,
        },
        escape,
        expr::{Attribute, RootVariable},
        stack::Node,
    },
    parallel,
};

/// Every file of a root, by its path in the root.
pub fn root(stack: &Stack, backend: Option<&Backend>) -> BTreeMap<String, String> {
    let modules = &modules(stack);
    // The file with all module calls takes longest, so it comes first.
    let mut parts = vec![Part::Ledger, Part::Calls, Part::Root];
    parts.extend(modules.iter().map(Part::Module));
    let texts = parallel::few(&parts, stack.nodes().count(), |part| match part {
        Part::Ledger => super::refactoring::files(stack),
        Part::Calls => vec![("main.tf.json".to_owned(), calls(modules))],
        Part::Root => around(stack, modules, backend),
        Part::Module(module) => module.texts(),
    });
    texts.into_iter().flatten().collect()
}

/// A part of a root that is rendered as one piece of work.
enum Part<'m, 's> {
    /// The ledger, and the blocks of moves, removals and imports.
    Ledger,
    /// The calls of all modules.
    Calls,
    /// The other files in the folder of the root.
    Root,
    /// The folder of a module.
    Module(&'m Module<'s>),
}

fn around(
    stack: &Stack,
    modules: &[Module<'_>],
    backend: Option<&Backend>,
) -> Vec<(String, String)> {
    let backend = backend.map(|it| ("backend.tf.json", sorted(&state(it))));
    let files = [
        ("providers.tf.json", sorted(&providers(stack))),
        ("outputs.tf.json", outputs(stack)),
        ("variables.tf.json", variables(modules)),
        (LOCK_FILE, lock_file()),
    ];
    files.into_iter().chain(backend).map(|(path, text)| (path.to_owned(), text)).collect()
}

/// Terraform's dependency lock file, byte for byte as Terraform writes it.
/// <https://developer.hashicorp.com/terraform/language/files/dependency-lock>
const LOCK_FILE: &str = ".terraform.lock.hcl";

/// The release that DOFS runs, with the hashes of its packages. Terraform accepts no other.
fn lock_file() -> String {
    let version = PROVIDER.version;
    let hashes: String = PROVIDER.hashes.iter().map(|it| format!("    \"{it}\",\n")).collect();
    format!(
        "# This file is maintained automatically by \"terraform init\".\n\
         # Manual edits may be lost in future updates.\n\n\
         provider \"registry.terraform.io/hashicorp/aws\" {{\n  version     = \"{version}\"\n  \
         constraints = \"{REQUIRED_PROVIDER}\"\n  hashes = [\n{hashes}  ]\n}}\n"
    )
}

/// One module: its blocks, its inputs and its outputs.
struct Module<'s> {
    name: ModuleName,
    nodes: Vec<&'s Node>,
    /// The inputs: attributes of other modules' blocks.
    takes: BTreeMap<&'s str, &'s Attribute>,
    root_variables: BTreeSet<&'s RootVariable>,
    /// The outputs: attributes that other modules or the root use, once for each use.
    gives: Vec<&'s Attribute>,
}

/// Every module, by name.
fn modules(stack: &Stack) -> Vec<Module<'_>> {
    let nodes = stack.by_module();
    let mut modules = parallel::few(&nodes, stack.nodes().count(), |(name, nodes)| {
        Module::of(*name, nodes.clone())
    });
    let taken = modules.iter().flat_map(|it| it.takes.values().copied());
    let mut given: Vec<&Attribute> = taken.collect();
    for (_, output) in stack.outputs() {
        output.term.attributes(&mut given);
    }
    for attribute in given {
        // Every referenced block is in the stack: otherwise there is a violation, and nothing is rendered.
        let owner = modules.binary_search_by_key(&attribute.of().module(), |it| it.name);
        if let Ok(owner) = owner {
            modules[owner].gives.push(attribute);
        }
    }
    modules
}

impl<'s> Module<'s> {
    /// A module without outputs.
    fn of(name: ModuleName, nodes: Vec<&'s Node>) -> Self {
        let (mut takes, mut root_variables) = (BTreeMap::new(), BTreeSet::new());
        for node in &nodes {
            let foreign = node.mentions.attributes().iter().filter(|it| it.of().module() != name);
            takes.extend(foreign.map(|it| (it.label(), it)));
            root_variables.extend(node.mentions.variables());
        }
        Module { name, nodes, takes, root_variables, gives: Vec::new() }
    }

    /// The module's files, by their paths in the root.
    fn texts(&self) -> Vec<(String, String)> {
        let mut texts: Vec<_> = self.files().into();
        for node in &self.nodes {
            let mut documents = Vec::new();
            node.body.documents(&mut documents);
            texts.extend(documents.into_iter().map(|it| (it.file.as_str(), document::file(it))));
        }
        let below = |path| ["modules/", self.name.as_str(), "/", path].concat();
        texts.into_iter().map(|(path, text)| (below(path), text)).collect()
    }

    fn files(&self) -> [(&str, String); 3] {
        let gives: BTreeMap<_, _> = self.gives.iter().map(|it| (it.label(), *it)).collect();
        [
            ("main.tf.json", self.blocks()),
            (
                "variables.tf.json",
                section("variable", self.inputs(), |it, depth, out| it.variable(depth, out)),
            ),
            (
                "outputs.tf.json",
                section("output", gives, |it, depth, out| self.output(it, depth, out)),
            ),
        ]
    }

    fn blocks(&self) -> String {
        // Sorted by address, blocks are sorted by type, then by name: no character of a type is less than the dot.
        let mut nodes = self.nodes.clone();
        nodes.sort_unstable_by_key(|it| it.address.local());
        let (data, resources): (Vec<_>, Vec<_>) =
            nodes.into_iter().partition(|it| it.address.kind() == BlockKind::Data);
        json::text(|out| {
            let mut file = Nest::object(Some(0), out);
            let inside = file.inside();
            for (section, nodes) in [("data", data), ("resource", resources)] {
                if !nodes.is_empty() {
                    types(&nodes, inside, file.field(section));
                }
            }
            file.end();
        })
    }

    /// The arguments of its call, by name.
    fn inputs(&self) -> BTreeMap<&'s str, Input<'s>> {
        let taken = self.takes.iter().map(|(label, it)| (*label, Input::Attribute(it)));
        let set = self.root_variables.iter().map(|it| (it.name(), Input::Variable(it)));
        taken.chain(set).collect()
    }

    fn output(&self, attribute: &Attribute, depth: Option<usize>, out: &mut String) {
        let of = attribute.of().local();
        let mut output = Nest::object(depth, out);
        string(&["`", attribute.name(), "` of ", of, "."], output.field("description"));
        if attribute.is_secret() {
            output.field("sensitive").push_str("true");
        }
        term::write_attribute(attribute, Place::Module(self.name), output.field("value"));
        output.end();
    }
}

/// Writes blocks of every type. They are sorted by type and name.
fn types(nodes: &[&Node], depth: Option<usize>, out: &mut String) {
    let mut types = Nest::object(depth, out);
    let inside = types.inside();
    for nodes in nodes.chunk_by(|a, b| a.address.tf_type() == b.address.tf_type()) {
        let mut names = Nest::object(inside, types.field(nodes[0].address.tf_type()));
        let inside = names.inside();
        for node in nodes {
            Block(node).write(inside, names.field(node.address.name()));
        }
        names.end();
    }
    types.end();
}

/// An argument of a module's call.
enum Input<'s> {
    Attribute(&'s Attribute),
    Variable(&'s RootVariable),
}

impl Input<'_> {
    /// The value in the call.
    fn argument(&self, out: &mut String) {
        match self {
            Input::Attribute(it) => term::write_attribute(it, Place::Root, out),
            Input::Variable(it) => string(&["${var.", it.name(), "}"], out),
        }
    }

    /// The declaration in the module.
    fn variable(&self, depth: Option<usize>, out: &mut String) {
        match self {
            Input::Attribute(it) => {
                let of = it.of().as_str();
                variable(&["`", it.name(), "` of ", of, "."], None, depth, out);
            }
            Input::Variable(it) => variable(&[&escape(it.description())], None, depth, out),
        }
    }
}

fn variable(description: &[&str], default: Option<&str>, depth: Option<usize>, out: &mut String) {
    let mut variable = Nest::object(depth, out);
    if let Some(default) = default {
        string(&[default], variable.field("default"));
    }
    string(description, variable.field("description"));
    string(&["string"], variable.field("type"));
    variable.end();
}

/// An object whose values `write` writes.
fn object<T>(
    entries: BTreeMap<&str, T>,
    depth: Option<usize>,
    out: &mut String,
    mut write: impl FnMut(T, Option<usize>, &mut String),
) {
    let mut object = Nest::object(depth, out);
    let inside = object.inside();
    for (name, it) in entries {
        write(it, inside, object.field(name));
    }
    object.end();
}

/// A file with one section. An empty section is left out, because an empty `variable` block declares nothing.
fn section<T>(
    name: &str,
    entries: BTreeMap<&str, T>,
    write: impl FnMut(T, Option<usize>, &mut String),
) -> String {
    json::text(|out| {
        let mut file = Nest::object(Some(0), out);
        if !entries.is_empty() {
            let inside = file.inside();
            object(entries, inside, file.field(name), write);
        }
        file.end();
    })
}

fn calls(modules: &[Module<'_>]) -> String {
    let modules = modules.iter().map(|it| (it.name.as_str(), it)).collect();
    section("module", modules, |module, depth, out| {
        let inputs = module.inputs().into_iter().map(|(name, it)| (name, Some(it)));
        // The path of its folder. No input has the name `source`.
        let all = inputs.chain([("source", None)]).collect();
        object(all, depth, out, |input, _, out| match input {
            Some(input) => input.argument(out),
            None => string(&["./modules/", module.name.as_str()], out),
        });
    })
}

fn variables(modules: &[Module<'_>]) -> String {
    let all: BTreeSet<_> = modules.iter().flat_map(|it| it.root_variables.iter()).collect();
    let all = all.into_iter().map(|it| (it.name(), it)).collect();
    section("variable", all, |it, depth, out| {
        variable(&[&escape(it.description())], Some(it.default()), depth, out);
    })
}

fn outputs(stack: &Stack) -> String {
    let outputs = stack.outputs().collect();
    section("output", outputs, |it, depth, out| {
        let mut attributes = Vec::new();
        it.term.attributes(&mut attributes);
        let mut output = Nest::object(depth, out);
        string(&[&escape(it.description)], output.field("description"));
        if attributes.iter().any(|it| it.is_secret()) {
            output.field("sensitive").push_str("true");
        }
        let value = Expression(&it.term, Place::Root).to_string();
        string(&["${", &value, "}"], output.field("value"));
        output.end();
    })
}

fn providers(stack: &Stack) -> Value {
    let scope = stack.scope();
    let accounts: Vec<_> = scope.accounts.iter().map(|it| it.as_str()).collect();
    let tags: BTreeMap<_, _> =
        scope.tags.iter().map(|(name, it)| (escape(name), escape(it))).collect();
    json!({
        "terraform": {
            "//": format!(
                "Checked against the schemas of hashicorp/aws {}. Run with {PROVIDER_VERSION} alone, which the lock file names.",
                PROVIDER_RELEASES.iter().map(|it| it.version).collect::<Vec<_>>().join(", ")
            ),
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
                "default_tags": { "tags": tags },
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
