//! The commands of `infra-gen`: each reads its arguments and returns its output.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use serde_json::json;

use infra_core::{
    check::Violation,
    contracts::released,
    explain::{self, Roots},
    graph::{self, Graph},
    ledger,
    model::backend::{PROVIDER_RELEASES, ProviderRelease},
    parallel,
    tree::{self, Change, Summary, Tree},
};
use infra_review::{
    Severity,
    cost::{self, Orders},
    source,
};
use terminal::shell::quoted;

use crate::{
    cli::{self, FailOn, Format, Picture, ReviewArgs, ReviewFormat, Write},
    config::Environment,
    roots::{self, Generated},
    schema_refresh, topology,
};

/// The output of a command.
#[derive(Debug)]
pub struct Told {
    /// The result, for stdout.
    pub out: String,
    /// Errors, for stderr.
    pub err: String,
    /// Whether the command succeeded.
    pub success: bool,
}

/// The folder with the released contracts.
pub const RELEASES: &str = "lambdas/contracts/released";

/// Writes the generated files, or compares them with the committed ones (`--check`).
///
/// # Errors
///
/// If the working directory is outside of the repository, or a file cannot be read or written.
pub fn write(args: &Write) -> anyhow::Result<Told> {
    let root = root(args.out.as_deref())?;
    let mut parts = parts(args.env);
    let releases = released::read(&root, RELEASES)?;
    for (_, part) in &mut parts {
        let contracts = part.contracts.values().filter(|it| !it.is_empty());
        let broken: Vec<_> = contracts.flat_map(|it| released::check(&releases, it)).collect();
        part.violations.extend(broken);
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

/// Explains an address, or searches addresses by words.
pub fn explain(args: &cli::Explain) -> Told {
    let roots = roots::explained();
    let words: Vec<&str> = args.words.iter().map(String::as_str).collect();
    let mut address = words.first().filter(|it| words.len() == 1 && it.starts_with("module."));
    let hits = if address.is_none() { explain::search(&roots, &words) } else { Vec::new() };
    let only = match &hits[..] {
        [hit] => Some(hit.address.as_str()),
        _ => None,
    };
    address = address.or(only.as_ref());
    match address {
        Some(address) => match roots.explain(address, args.env.map(Environment::as_str)) {
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
            "error: {what} is not in {env}, but in {}\n  fix: leave out --env, or choose another environment\n",
            it.roots.join(", ")
        ),
        _ => format!("error: no address or description matches {what:?}\n"),
    };
    let near = if elsewhere.is_none() { explain::near(roots, what) } else { Vec::new() };
    if !near.is_empty() {
        err.push_str("  similar addresses:\n");
        for hit in &near {
            let _ = writeln!(err, "    {}", hit.address);
        }
    }
    if elsewhere.is_none() {
        err.push_str(
            "  fix: search with other words, or list all addresses with `infra-gen explain`\n",
        );
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
/// If the template of the HTML page cannot be rendered.
pub fn graph(args: &cli::Draw) -> anyhow::Result<Told> {
    let graph = Graph::of(&topology::dofs(args.env));
    let out = match args.format {
        Picture::Mermaid => graph::mermaid(&graph),
        Picture::Dot => graph::dot(&graph),
        Picture::Svg => graph::svg(&graph),
        Picture::Html => graph::html(&graph, &roots::explained(), args.env.as_str())?,
    };
    Ok(Told { out, err: String::new(), success: true })
}

/// Updates the vendored schema of one release of the provider, or of every release with hashes, and the schema that all
/// releases accept.
///
/// # Errors
///
/// If the working directory is outside of the repository, if Terraform or the provider cannot be run, or if
/// `PROVIDER_RELEASES` does not have the release.
pub fn schema(args: &cli::Schema) -> anyhow::Result<Told> {
    let root = root(args.out.as_deref())?;
    let used = roots::block_types();
    let path = |file: &str| format!("crates/infra-core/schemas/{file}");
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
        "{} is not in the list of supported releases of the AWS provider\n  fix: add it to PROVIDER_RELEASES in \
         crates/infra-core/src/model/backend.rs",
        args.release.as_deref().unwrap_or_default()
    );
    for release in PROVIDER_RELEASES {
        let path = path(&schema_refresh::file(release.version));
        let text = match &args.from {
            _ if !asked(release) => {
                let kept = tree::text(&root, &path)?;
                kept.with_context(|| {
                    format!(
                        "{path} does not exist\n  fix: create it with `infra-gen schema --release {}`",
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

/// Reviews a change. Returns the review and the exit code: 0, or that of the worst finding if it reaches the severity of
/// `--fail-on`.
///
/// # Errors
///
/// If one of the two trees cannot be read.
pub fn review(args: &ReviewArgs, colours: bool) -> anyhow::Result<(Told, u8)> {
    let (base, head) = match &args.head {
        Some(head) => (source::folder(Path::new(&args.base))?, source::folder(head)?),
        None => {
            let root = review_root()?;
            (source::revision(&root, &args.base)?, source::folder(&root)?)
        }
    };
    let review = infra_review::review(&base, &head, args.orders)?;
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

/// Estimates what an environment costs in a month.
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

/// The generated files of each part, by the part's name. The parts are generated in parallel, because they share nothing.
fn parts(env: Option<Environment>) -> Vec<(&'static str, Generated)> {
    if let Some(env) = env {
        return vec![(env.as_str(), roots::environment(env))];
    }
    type Part = (&'static str, Box<dyn Fn() -> Generated + Sync>);
    let environment =
        |it: Environment| -> Part { (it.as_str(), Box::new(move || roots::environment(it))) };
    let mut parts: Vec<Part> = Environment::ALL.map(environment).into();
    parts.push(("bootstrap", Box::new(roots::bootstrap)));
    parts.push(("cicd", Box::new(roots::cicd)));
    parts.push(("build", Box::new(roots::build_specs)));
    parts.push(("workflow", Box::new(roots::workflow)));
    parallel::few(&parts, usize::MAX, |(name, part)| (*name, part()))
}

fn tree(parts: Vec<(&'static str, Generated)>, env: Option<Environment>) -> anyhow::Result<Tree> {
    let folder = env.map_or_else(|| "generated".to_owned(), |it| format!("generated/{it}"));
    Ok(Tree::owning(&folder, parts.into_iter().flat_map(|(_, it)| it.files))?)
}

/// The document with the picture of prod.
const PICTURED: &str = "docs/orders.md";
/// The text before and after the picture in the document.
const PICTURE: (&str, &str) = ("<!-- infra-gen graph -->\n```mermaid\n", "```\n");

/// The document with a new picture, and its other text unchanged. `None` if there is no document with a picture, as in the
/// folder of `--out`.
fn pictured(root: &Path) -> anyhow::Result<Option<String>> {
    let Some(text) = tree::text(root, PICTURED)? else { return Ok(None) };
    let Some((before, rest)) = text.split_once(PICTURE.0) else { return Ok(None) };
    let Some((_, behind)) = rest.split_once(PICTURE.1) else { return Ok(None) };
    let picture = graph::mermaid(&Graph::of(&topology::dofs(Environment::Prod)));
    Ok(Some(format!("{before}{}{picture}{}{behind}", PICTURE.0, PICTURE.1)))
}

/// The folder that contains `generated/`.
fn root(out: Option<&Path>) -> anyhow::Result<PathBuf> {
    if let Some(out) = out {
        return Ok(out.to_owned());
    }
    let here = here()?;
    repository(&here).with_context(|| {
        format!(
            "{} is not inside the repository\n  fix: change into the repository, or name a folder with --out DIR",
            quoted(&here)
        )
    })
}

/// The repository whose history a review reads.
fn review_root() -> anyhow::Result<PathBuf> {
    let here = here()?;
    repository(&here).with_context(|| {
        format!(
            "{} is not inside the repository\n  fix: change into the repository, or compare two folders with \
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

/// A violation, and the roots that have it.
#[derive(serde::Serialize)]
struct Broken<'v> {
    roots: Vec<&'static str>,
    #[serde(flatten)]
    violation: &'v Violation,
}

/// Every violation once, in the order of the first root that has it.
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
            "error: {count} generated file{} {} out of date\n  fix: {command}\n",
            plural(count),
            if count == 1 { "is" } else { "are" }
        ),
    };
    Told { out, err, success: count == 0 }
}

/// The counts that a run prints for a root.
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

/// The largest number of changed files that a run lists.
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

/// The commands to run next. None for files outside of the repository, because only their reader knows their use.
fn next(args: &Write, changed: bool) -> Vec<String> {
    if args.out.is_some() {
        return Vec::new();
    }
    let mut next = Vec::new();
    if changed {
        next.push(
            "cargo run -p infra-gen -- review --base HEAD   # report what the change does in AWS"
                .to_owned(),
        );
    }
    match args.env.unwrap_or(Environment::Dev) {
        Environment::Dev => next.extend([
            "cargo run -p dofs -- local up                  # run the system on this machine".to_owned(),
            "cargo run -p dofs -- deploy --aws              # deploy to AWS: shows Terraform's plan, asks, and applies it".to_owned(),
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
            contracts: Default::default(),
            violations: rules.iter().map(violation).collect(),
        }
    }

    #[test]
    fn a_violation_of_several_roots_is_listed_once_with_all_of_them() {
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
