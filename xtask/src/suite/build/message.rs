//! Reads the JSON messages of cargo that the suite needs.
//! <https://doc.rust-lang.org/cargo/reference/external-tools.html#artifact-messages>

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::suite::program::{Id, Program};

/// A message of cargo during a build.
#[derive(Debug)]
pub(crate) enum Event {
    /// A test program was built, and so were the binaries of its package.
    Program(Program),
    /// A binary was built.
    Binary(Binary),
    /// The generator's library was compiled, although this program contains it.
    GeneratorAgain,
    /// A line that is not a message.
    Line(String),
    /// A message that cannot be read, and may have been about a program.
    Problem(String),
}

/// A binary of the workspace.
#[derive(Debug, Clone)]
pub(crate) struct Binary {
    pub(crate) name: String,
    pub(crate) executable: PathBuf,
}

#[derive(Deserialize)]
struct Message {
    reason: String,
}

/// A message with the reason `compiler-artifact`.
#[derive(Deserialize)]
struct Artifact {
    manifest_path: PathBuf,
    package_id: String,
    target: Target,
    profile: Profile,
    executable: Option<PathBuf>,
    fresh: bool,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

/// Reads a line. `None` if the suite does not need it.
pub(super) fn event(line: &str) -> Option<Event> {
    match serde_json::from_str::<Message>(line) {
        Ok(message) if message.reason != "compiler-artifact" => None,
        // A message is an object.
        Err(_) if !line.starts_with('{') => Some(Event::Line(line.to_owned())),
        _ => artifact(line).unwrap_or_else(|| {
            Some(Event::Problem(format!("a message of cargo cannot be read: {line}")))
        }),
    }
}

/// Reads an artifact. The inner `None` means that the suite does not need it, the outer one that it cannot be read.
fn artifact(line: &str) -> Option<Option<Event>> {
    let Artifact { manifest_path, package_id, target, profile, executable, fresh } =
        serde_json::from_str(line).ok()?;
    let Some(executable) = executable else {
        let is_again = target.name == "infra_gen" && !fresh;
        return Some(is_again.then_some(Event::GeneratorAgain));
    };
    if profile.test {
        let package = package(&package_id, &manifest_path)?;
        let id = Id::new(&package, &target.name, &target.kind);
        return Some(Some(Event::Program(Program { id, executable })));
    }
    let is_binary = target.kind.iter().any(|it| it == "bin");
    Some(is_binary.then_some(Event::Binary(Binary { name: target.name, executable })))
}

/// The name of a package: the part after `#` in its id, or the name of its folder if that part has only the version.
/// <https://doc.rust-lang.org/cargo/reference/pkgid-spec.html>
fn package(id: &str, manifest: &Path) -> Option<String> {
    let (_, behind) = id.split_once('#')?;
    match behind.split_once('@') {
        Some((name, _)) => Some(name.to_owned()),
        None => Some(manifest.parent()?.file_name()?.to_str()?.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROGRAM: &str = r#"{"reason":"compiler-artifact","package_id":"path+file:///repo/dofs#0.1.0",
        "manifest_path":"/repo/dofs/Cargo.toml","target":{"kind":["test"],"crate_types":["bin"],
        "name":"system","src_path":"/repo/dofs/tests/system/main.rs"},"profile":{"opt_level":"0",
        "test":true},"features":[],"filenames":["/repo/target/debug/deps/system-1"],
        "executable":"/repo/target/debug/deps/system-1","fresh":false}"#;

    fn told(message: &str) -> String {
        match event(&message.replace('\n', "")) {
            Some(Event::Program(it)) => {
                format!("program {} {}", it.id.name(), it.executable.display())
            }
            Some(Event::Binary(it)) => format!("binary {} {}", it.name, it.executable.display()),
            Some(Event::GeneratorAgain) => "again".to_owned(),
            Some(Event::Line(it)) => it,
            Some(Event::Problem(it)) => format!("problem: {it}"),
            None => "nothing".to_owned(),
        }
    }

    #[test]
    fn messages_are_read() {
        let check = |message: &str, expected: &str| assert_eq!(told(message), expected);
        check(PROGRAM, "program dofs::system /repo/target/debug/deps/system-1");
        check(
            &PROGRAM.replace(r#"["test"]"#, r#"["lib"]"#),
            "program dofs /repo/target/debug/deps/system-1",
        );
        let named = PROGRAM.replace("dofs#0.1.0", "somewhere#dofs@0.1.0");
        check(&named, "program dofs::system /repo/target/debug/deps/system-1");
        let binary = PROGRAM.replace(r#""test":true"#, r#""test":false"#);
        check(&binary, "nothing");
        check(
            &binary.replace(r#"["test"]"#, r#"["bin"]"#),
            "binary system /repo/target/debug/deps/system-1",
        );
        check(
            &PROGRAM.replace(r#""executable":"/repo/target/debug/deps/system-1","#, ""),
            "nothing",
        );
        let library = PROGRAM.replace(r#""executable":"/repo/target/debug/deps/system-1","#, "");
        let library = library.replace(r#""name":"system""#, r#""name":"infra_gen""#);
        check(&library, "again");
        check(&library.replace(r#""fresh":false"#, r#""fresh":true"#), "nothing");
        check(r#"{"reason":"build-finished","success":true}"#, "nothing");
        let problem = |message: &str| {
            let told = told(message);
            assert!(told.starts_with("problem: a message of cargo cannot be read: {"), "{told}");
        };
        problem(&PROGRAM.replace("package_id", "package"));
        problem(&PROGRAM.replace("dofs#0.1.0", "dofs"));
        problem(&PROGRAM[..PROGRAM.len() - 1]);
        check("a line of a build script", "a line of a build script");
    }
}
