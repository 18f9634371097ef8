//! What each command does, and what it tells.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use serde_json::json;

use crate::{
    check::Violation,
    cli::{self, FailOn, Format, Picture, ReviewArgs, ReviewFormat, Write},
    config::Environment,
    cost::{self, Orders},
    explain::{self, Roots},
    generate::{self, Generated},
    graph::{self, Graph},
    ledger,
    model::backend::{PROVIDER_RELEASES, ProviderRelease},
    parallel,
    review::{self, Severity, source},
    schema_refresh,
    shell::quoted,
    topology,
    tree::{self, Change, Summary, Tree},
};

/// What a command has to say.
#[derive(Debug)]
pub struct Told {
    /// Data, for stdout.
    pub out: String,
    /// Everything else, for stderr.
    pub err: String,
    /// Whether all is well.
    pub success: bool,
}

/// Writes, or checks.
///
/// # Errors
///
/// Where there is no repository, or a file cannot be read or written.
pub fn write(args: &Write) -> anyhow::Result<Told> {
    let root = root(args.out.as_deref())?;
    let mut parts = parts(args.env);
    for (_, part) in &mut parts {
        for (path, now) in &part.ledgers {
            if let Some(committed) = tree::text(&root, path)? {
                part.violations.extend(ledger::check(path, &committed, now));
            }
        }
    }
    let violations = violations(&parts);
    if !violations.is_empty() {
        return Ok(broken(&violations, args.format));
    }
    let roots: Vec<_> = parts.iter().map(|(name, it)| Root::of(name, it)).collect();
    let mut tree = tree(parts, args.env)?;
    if args.env.is_none()
        && let Some(document) = pictured(&root)?
    {
        tree.insert(PICTURED, document)?;
    }
    if args.check {
        return Ok(differing(&tree.changes(&root)?, args));
    }
    let summary = tree.write(&root)?;
    Ok(done(&roots, &summary, args))
}

/// Explains an address, or looks for one.
pub fn explain(args: &cli::Explain) -> Told {
    let roots = Roots::all();
    let words: Vec<&str> = args.words.iter().map(String::as_str).collect();
    let mut address = words.first().filter(|it| words.len() == 1 && it.starts_with("module."));
    let hits = if address.is_none() { explain::search(&roots, &words) } else { Vec::new() };
    let only = match &hits[..] {
        [hit] => Some(hit.address.as_str()),
        _ => None,
    };
    address = address.or(only.as_ref());
    match address {
        Some(address) => match roots.explain(address, args.env) {
            Some(it) => told(args.format, &it, it.to_string()),
            None => unknown(&roots, address, args),
        },
        None if hits.is_empty() => unknown(&roots, &args.words.join(" "), args),
        None => {
            let lines = hits.iter().map(|it| format!("{}\n  {}\n", it.address, it.doc));
            told(args.format, &hits, lines.collect())
        }
    }
}

fn told(format: Format, data: &impl serde::Serialize, text: String) -> Told {
    let out = match format {
        Format::Json => format!("{:#}\n", json!(data)),
        Format::Text => text,
    };
    Told { out, err: String::new(), success: true }
}

fn unknown(roots: &Roots, what: &str, args: &cli::Explain) -> Told {
    let elsewhere = args.env.and_then(|_| roots.explain(what, None));
    let mut err = match (args.env, &elsewhere) {
        (Some(env), Some(it)) => format!(
            "error: {env} has no {what}; {} has\n  fix: leave --env away, or name another one\n",
            it.roots.join(", ")
        ),
        _ => format!("error: nothing is called {what}\n"),
    };
    let near = if elsewhere.is_none() { explain::near(roots, what) } else { Vec::new() };
    if !near.is_empty() {
        err.push_str("  near it:\n");
        for hit in &near {
            let _ = writeln!(err, "    {}", hit.address);
        }
    }
    if elsewhere.is_none() {
        err.push_str("  fix: look for it by words, or list all by `infra-gen explain`\n");
    }
    let out = match args.format {
        Format::Json => format!("{:#}\n", json!({ "unknown": what, "near": near })),
        Format::Text => String::new(),
    };
    Told { out, err, success: false }
}

/// Draws an environment.
///
/// # Errors
///
/// Where the page's template refuses a value. None is known to.
pub fn graph(args: &cli::Draw) -> anyhow::Result<Told> {
    let graph = Graph::of(&topology::dofs(args.env));
    let out = match args.format {
        Picture::Mermaid => graph::mermaid(&graph),
        Picture::Dot => graph::dot(&graph),
        Picture::Svg => graph::svg(&graph),
        Picture::Html => graph::html(&graph, &Roots::all(), args.env)?,
    };
    Ok(Told { out, err: String::new(), success: true })
}

/// Vendors the provider's schema of one release, or of all that are run, and what all vendored schemas take.
///
/// # Errors
///
/// Where there is no repository, where Terraform or its provider cannot be had, or where the release is none of those that
/// the roots admit.
pub fn schema(args: &cli::Schema) -> anyhow::Result<Told> {
    let root = root(args.out.as_deref())?;
    let used = generate::block_types();
    let path = |file: &str| format!("infra-gen/schemas/{file}");
    let (mut all, mut out) = (BTreeMap::new(), String::new());
    let mut write = |path: String, text: &str| -> anyhow::Result<()> {
        let mut tree = Tree::default();
        tree.insert(&path, text.to_owned())?;
        let summary = tree.write(&root)?;
        let what = if summary.written > 0 { "written" } else { "unchanged" };
        let _ = writeln!(out, "{path}: {what}");
        Ok(())
    };
    let asked = |it: &ProviderRelease| match &args.release {
        Some(release) => it.version == release,
        None => !it.hashes.is_empty(),
    };
    anyhow::ensure!(
        PROVIDER_RELEASES.iter().any(asked),
        "{} is none of the releases that are checked\n  fix: name it in PROVIDER_RELEASES in \
         infra-gen/src/model/backend.rs",
        args.release.as_deref().unwrap_or_default()
    );
    for release in PROVIDER_RELEASES {
        let path = path(&schema_refresh::file(release.version));
        let text = match &args.from {
            _ if !asked(release) => {
                let kept = tree::text(&root, &path)?;
                kept.with_context(|| {
                    format!(
                        "{path} is not there\n  fix: make it with --release {}",
                        release.version
                    )
                })?
            }
            Some(file) => schema_refresh::out_of(file, release.version, &used)?,
            None => schema_refresh::vendored(release.version, &used)?,
        };
        if asked(release) {
            write(path, &text)?;
        }
        all.insert(release.version, text);
    }
    let every = schema_refresh::every_release(all.values().map(String::as_str))?;
    write(path(schema_refresh::EVERY_RELEASE_FILE), &every)?;
    Ok(Told { out, err: String::new(), success: true })
}

/// Tells what a change means. Beside it comes the exit code: 0, or that of the worst finding, where
/// it is as bad as the gate does not let through.
///
/// # Errors
///
/// Where a side cannot be had or read.
pub fn review(args: &ReviewArgs, colours: bool) -> anyhow::Result<(Told, u8)> {
    let (base, head) = match &args.head {
        Some(head) => (source::folder(Path::new(&args.base))?, source::folder(head)?),
        None => {
            let root = review_root()?;
            (source::revision(&root, &args.base)?, source::folder(&root)?)
        }
    };
    let review = review::review(&base, &head, args.orders)?;
    let out = match args.format {
        ReviewFormat::Text => review.text(colours),
        ReviewFormat::Json => format!("{:#}\n", serde_json::to_value(&review)?),
        ReviewFormat::Markdown => review.markdown(),
    };
    let least = match args.fail_on {
        FailOn::Danger => Some(Severity::Danger),
        FailOn::Warning => Some(Severity::Warning),
        FailOn::Notice => Some(Severity::Notice),
        FailOn::Never => None,
    };
    let worst = review.worst().filter(|worst| least.is_some_and(|least| *worst >= least));
    let code = worst.map_or(0, Severity::exit_code);
    Ok((Told { out, err: String::new(), success: code == 0 }, code))
}

/// Says what an environment costs.
pub fn cost(environment: Environment, orders: Orders, format: Format) -> Told {
    let estimate = cost::estimate(&topology::dofs(environment), orders);
    let out = match format {
        Format::Text => cost::tell::text(environment.as_str(), &estimate),
        Format::Json => {
            format!("{:#}\n", json!({ "environment": environment, "estimate": estimate }))
        }
    };
    Told { out, err: String::new(), success: true }
}

/// What is generated, by the name that people know it by. Each part on a core of its own: they share
/// nothing.
fn parts(env: Option<Environment>) -> Vec<(&'static str, Generated)> {
    if let Some(env) = env {
        return vec![(env.as_str(), generate::environment(env))];
    }
    type Part = (&'static str, Box<dyn Fn() -> Generated + Sync>);
    let environment =
        |it: Environment| -> Part { (it.as_str(), Box::new(move || generate::environment(it))) };
    let mut parts: Vec<Part> = Environment::ALL.map(environment).into();
    parts.push(("bootstrap", Box::new(generate::bootstrap)));
    parts.push(("cicd", Box::new(generate::cicd)));
    parts.push(("build", Box::new(generate::build_specs)));
    parts.push(("workflow", Box::new(generate::workflow)));
    parallel::few(&parts, usize::MAX, |(name, part)| (*name, part()))
}

fn tree(parts: Vec<(&'static str, Generated)>, env: Option<Environment>) -> anyhow::Result<Tree> {
    let folder = env.map_or_else(|| "generated".to_owned(), |it| format!("generated/{it}"));
    Ok(Tree::owning(&folder, parts.into_iter().flat_map(|(_, it)| it.files))?)
}

/// The document that has the picture of prod.
const PICTURED: &str = "docs/orders.md";
/// What stands before and behind the picture in it.
const PICTURE: (&str, &str) = ("<!-- infra-gen graph -->\n```mermaid\n", "```\n");

/// That document with the picture as it is drawn now: its text is not ours. None where there is no such picture, as
/// below another folder.
fn pictured(root: &Path) -> anyhow::Result<Option<String>> {
    let Some(text) = tree::text(root, PICTURED)? else { return Ok(None) };
    let Some((before, rest)) = text.split_once(PICTURE.0) else { return Ok(None) };
    let Some((_, behind)) = rest.split_once(PICTURE.1) else { return Ok(None) };
    let picture = graph::mermaid(&Graph::of(&topology::dofs(Environment::Prod)));
    Ok(Some(format!("{before}{}{picture}{}{behind}", PICTURE.0, PICTURE.1)))
}

/// The folder in which `generated/` lies.
fn root(out: Option<&Path>) -> anyhow::Result<PathBuf> {
    if let Some(out) = out {
        return Ok(out.to_owned());
    }
    let here = here()?;
    repository(&here).with_context(|| {
        format!(
            "{} is not inside the repository\n  fix: change into it, or say where with --out",
            quoted(&here)
        )
    })
}

/// The repository whose history a review reads.
fn review_root() -> anyhow::Result<PathBuf> {
    let here = here()?;
    repository(&here).with_context(|| {
        format!(
            "{} is not inside the repository\n  fix: change into it, or compare two folders: \
             --base DIR --head DIR",
            quoted(&here)
        )
    })
}

fn here() -> anyhow::Result<PathBuf> {
    std::env::current_dir().context("the working directory cannot be read")
}

fn repository(here: &Path) -> Option<PathBuf> {
    let mut folders = here.ancestors();
    folders.find(|it| it.join("infra-gen/Cargo.toml").is_file()).map(Path::to_owned)
}

/// A broken rule, and the roots in which it is broken alike.
#[derive(serde::Serialize)]
struct Broken<'v> {
    roots: Vec<&'static str>,
    #[serde(flatten)]
    violation: &'v Violation,
}

/// Every broken rule once, in the order in which the first root has them.
fn violations<'v>(parts: &'v [(&'static str, Generated)]) -> Vec<Broken<'v>> {
    let mut all: Vec<Broken<'v>> = Vec::new();
    for (root, part) in parts {
        for violation in &part.violations {
            match all.iter_mut().find(|it| it.violation == violation) {
                Some(known) => known.roots.push(root),
                None => all.push(Broken { roots: vec![root], violation }),
            }
        }
    }
    all
}

fn broken(violations: &[Broken<'_>], format: Format) -> Told {
    let mut err = String::new();
    let mut out = String::new();
    match format {
        Format::Json => out = format!("{:#}\n", json!({ "violations": violations })),
        Format::Text => {
            for Broken { roots, violation } in violations {
                let _ = writeln!(err, "{violation}\n  in:  {}\n", roots.join(", "));
            }
        }
    }
    let count = violations.len();
    let _ = writeln!(err, "error: {count} broken rule{}; nothing was written", plural(count));
    Told { out, err, success: false }
}

fn differing(changes: &[Change], args: &Write) -> Told {
    let count = changes.len();
    let mut command = "cargo run -p infra-gen".to_owned();
    if args.env.is_some() || args.out.is_some() {
        command.push_str(" --");
    }
    if let Some(env) = args.env {
        let _ = write!(command, " --env {env}");
    }
    if let Some(out) = &args.out {
        let _ = write!(command, " --out {}", quoted(out));
    }
    let out = match args.format {
        Format::Text => changes.iter().map(Change::diff).collect(),
        Format::Json => {
            let files =
                changes.iter().map(|it| json!({ "path": it.path.as_str(), "diff": it.diff() }));
            let fix = (count > 0).then_some(&command);
            format!("{:#}\n", json!({ "differs": files.collect::<Vec<_>>(), "fix": fix }))
        }
    };
    let err = match count {
        0 => String::new(),
        _ => format!(
            "error: {count} generated file{} differ{} from the source\n  fix: {command}\n",
            plural(count),
            if count == 1 { "s" } else { "" }
        ),
    };
    Told { out, err, success: count == 0 }
}

/// What is told of a root.
#[derive(serde::Serialize)]
struct Root {
    files: usize,
    modules: usize,
    name: &'static str,
    resources: usize,
}

impl Root {
    fn of(name: &'static str, it: &Generated) -> Self {
        Root { name, files: it.files.len(), modules: it.modules, resources: it.resources }
    }
}

/// Files that are named one by one.
const NAMED: usize = 20;

fn done(roots: &[Root], summary: &Summary, args: &Write) -> Told {
    let Summary { changed, written, removed, unchanged } = summary;
    let next = next(args, !changed.is_empty());
    let out = match args.format {
        Format::Json => format!(
            "{:#}\n",
            json!({ "files": summary, "changed": changed, "roots": roots, "next": next })
        ),
        Format::Text => {
            let mut out = String::new();
            for it in roots.iter().filter(|it| it.resources > 0) {
                let Root { name, resources, modules, files } = it;
                let _ = writeln!(
                    out,
                    "generated/{name:<10} {resources:>4} resources in {modules} module{}, {files} files",
                    plural(*modules)
                );
            }
            let _ = writeln!(
                out,
                "{written} file{} written, {removed} removed, {unchanged} unchanged",
                plural(*written)
            );
            for path in changed.iter().take(NAMED) {
                let _ = writeln!(out, "  {path}");
            }
            if changed.len() > NAMED {
                let _ = writeln!(out, "  and {} more", changed.len() - NAMED);
            }
            for (at, step) in next.iter().enumerate() {
                let begin = if at == 0 { "next:" } else { "     " };
                let _ = writeln!(out, "{begin} {step}");
            }
            out
        }
    };
    Told { out, err: String::new(), success: true }
}

/// What comes next, as commands. Files outside of the repository are their reader's business.
fn next(args: &Write, changed: bool) -> Vec<String> {
    if args.out.is_some() {
        return Vec::new();
    }
    let mut next = Vec::new();
    if changed {
        next.push(
            "cargo run -p infra-gen -- review --base HEAD   # what the change means in AWS"
                .to_owned(),
        );
    }
    match args.env.unwrap_or(Environment::Dev) {
        Environment::Dev => next.extend([
            "cargo run -p dofs -- local up                  # a system on this machine".to_owned(),
            "cargo run -p dofs -- deploy --aws              # to AWS: shows Terraform's plan, asks, and applies it".to_owned(),
        ]),
        env => next.push(format!(
            "cargo run -p dofs -- deploy --aws --env {env:<7} # shows Terraform's plan, asks, and applies it"
        )),
    }
    next
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken_by(rules: &[(&'static str, &str)]) -> Generated {
        let violation =
            |(rule, address): &(&'static str, &str)| Violation::new(rule, *address, "p", "f");
        Generated {
            files: Default::default(),
            resources: 0,
            modules: 0,
            ledgers: Default::default(),
            violations: rules.iter().map(violation).collect(),
        }
    }

    #[test]
    fn what_is_broken_alike_is_told_once_with_every_root() {
        let parts = [
            ("dev", broken_by(&[("limit/x", "a"), ("limit/y", "b")])),
            ("staging", broken_by(&[("limit/x", "a")])),
            ("prod", broken_by(&[("limit/x", "a"), ("limit/x", "c")])),
        ];
        let found = violations(&parts);
        let told: Vec<_> =
            found.iter().map(|it| (it.violation.address.as_str(), it.roots.join(" "))).collect();
        let expected = [("a", "dev staging prod"), ("b", "dev"), ("c", "prod")];
        assert_eq!(told, expected.map(|(address, roots)| (address, roots.to_owned())));
        let told = broken(&found, Format::Text).err;
        assert!(told.contains("in:  dev, staging, prod\n"), "{told}");
        assert!(told.ends_with("error: 3 broken rules; nothing was written\n"), "{told}");
    }
}
