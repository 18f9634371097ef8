//! Test programs, and their environment, which is that of `cargo test`.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

use crate::workspace::{Package, Workspace};

/// The kind of a test program.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// The unit tests of the library.
    Lib,
    /// The unit tests of a binary.
    Bin(String),
    /// A file or folder below `tests`.
    Test(String),
    /// The tests of an example.
    Example(String),
}

/// The identity of a test program: its package, its kind and its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Id {
    pub(crate) package: String,
    pub(crate) kind: Kind,
}

impl Id {
    /// A program of a package, by cargo's name and kind.
    pub(crate) fn new(package: &str, target: &str, kinds: &[String]) -> Self {
        let name = target.to_owned();
        let kind = match kinds.first().map(String::as_str) {
            Some("test") => Kind::Test(name),
            Some("bin") => Kind::Bin(name),
            Some("example") => Kind::Example(name),
            _ => Kind::Lib,
        };
        Id { package: package.to_owned(), kind }
    }

    /// The name for people: `dofs`, `dofs::system`, `dofs::bin/dofs`.
    pub(crate) fn name(&self) -> String {
        let package = &self.package;
        match &self.kind {
            Kind::Lib => package.clone(),
            Kind::Bin(name) => format!("{package}::bin/{name}"),
            Kind::Test(name) => format!("{package}::{name}"),
            Kind::Example(name) => format!("{package}::example/{name}"),
        }
    }

    /// The command that repeats these tests, or all tests if none is named.
    pub(crate) fn again(&self, tests: &[&str]) -> String {
        let package = &self.package;
        let mut command = format!("cargo test --locked -p {package} ");
        command.push_str(&match &self.kind {
            Kind::Lib => "--lib".to_owned(),
            Kind::Bin(name) => format!("--bin {name}"),
            Kind::Test(name) => format!("--test {name}"),
            Kind::Example(name) => format!("--example {name}"),
        });
        if !tests.is_empty() {
            command.push_str(" -- --exact");
        }
        for test in tests {
            command.push(' ');
            command.push_str(test);
        }
        command
    }
}

/// A built test program.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    pub(crate) id: Id,
    pub(crate) executable: PathBuf,
}

impl Program {
    /// A command that starts it like `cargo test`: in the folder of its package, with the package's variables.
    pub(crate) fn command(&self, workspace: &Workspace) -> Command {
        let mut command = Command::new(&self.executable);
        let cargo = processes::cargo::command();
        // cargo has set these variables for this program's package, so they are replaced.
        for (name, value) in cargo.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.env("CARGO", cargo.get_program());
        if let Some(package) = workspace.packages.iter().find(|it| it.name == self.id.package) {
            command.current_dir(package.folder()).envs(variables(package));
            if matches!(self.id.kind, Kind::Test(_)) {
                command.envs(binaries(package, &workspace.target.join("debug")));
            }
        }
        let (name, value) = libraries(workspace);
        command.env(name, value);
        command
    }
}

/// <https://doc.rust-lang.org/cargo/reference/environment-variables.html#environment-variables-cargo-sets-for-crates>
pub(crate) fn variables(package: &Package) -> Vec<(&'static str, OsString)> {
    let text = |it: &Option<String>| OsString::from(it.clone().unwrap_or_default());
    // `1.2.3-beta+build`: the build metadata has no variable.
    let version = package.version.split('+').next().unwrap_or_default();
    let (numbers, pre) = version.split_once('-').unwrap_or((version, ""));
    let mut numbers = numbers.split('.');
    let mut number = || OsString::from(numbers.next().unwrap_or_default());
    vec![
        ("CARGO_MANIFEST_DIR", package.folder().into()),
        ("CARGO_MANIFEST_PATH", package.manifest_path.clone().into()),
        ("CARGO_PKG_NAME", package.name.clone().into()),
        ("CARGO_PKG_VERSION", package.version.clone().into()),
        ("CARGO_PKG_VERSION_MAJOR", number()),
        ("CARGO_PKG_VERSION_MINOR", number()),
        ("CARGO_PKG_VERSION_PATCH", number()),
        ("CARGO_PKG_VERSION_PRE", pre.into()),
        ("CARGO_PKG_AUTHORS", package.authors.join(":").into()),
        ("CARGO_PKG_DESCRIPTION", text(&package.description)),
        ("CARGO_PKG_HOMEPAGE", text(&package.homepage)),
        ("CARGO_PKG_LICENSE", text(&package.license)),
        ("CARGO_PKG_LICENSE_FILE", text(&package.license_file)),
        ("CARGO_PKG_README", text(&package.readme)),
        ("CARGO_PKG_REPOSITORY", text(&package.repository)),
        ("CARGO_PKG_RUST_VERSION", text(&package.rust_version)),
    ]
}

/// The variables with which an integration test finds the binaries of its package.
fn binaries(package: &Package, built: &Path) -> Vec<(String, PathBuf)> {
    let binaries = package.targets.iter().filter(|it| it.kind.iter().any(|kind| kind == "bin"));
    binaries.map(|it| (format!("CARGO_BIN_EXE_{}", it.name), built.join(&it.name))).collect()
}

/// The variable with the folders in which the system's loader looks for libraries, including those of the compiler.
fn libraries(workspace: &Workspace) -> (&'static str, OsString) {
    let name = match cfg!(target_os = "macos") {
        true => "DYLD_FALLBACK_LIBRARY_PATH",
        false => "LD_LIBRARY_PATH",
    };
    let built = workspace.target.join("debug");
    let rustc = &workspace.rustc;
    let of_rustc = rustc.sysroot.join("lib");
    let of_host = of_rustc.join("rustlib").join(&rustc.host).join("lib");
    let deps = built.join("deps");
    let mut folders = vec![built, deps, of_host, of_rustc];
    folders.extend(std::env::split_paths(&inherited(name)).filter(|it| !it.as_os_str().is_empty()));
    (name, std::env::join_paths(folders).unwrap_or_default())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a variable of the dynamic loader is not a setting of a function"
)]
fn inherited(name: &str) -> OsString {
    std::env::var_os(name).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(package: &str, kind: Kind) -> Id {
        Id { package: package.to_owned(), kind }
    }

    #[test]
    fn a_program_has_a_name_and_is_repeated_alone() {
        #[track_caller]
        fn check(kind: Kind, tests: &[&str], name: &str, again: &str) {
            let id = id("dofs", kind);
            assert_eq!((id.name().as_str(), id.again(tests).as_str()), (name, again));
        }
        check(Kind::Lib, &[], "dofs", "cargo test --locked -p dofs --lib");
        check(
            Kind::Bin("dofs".to_owned()),
            &["tests::a"],
            "dofs::bin/dofs",
            "cargo test --locked -p dofs --bin dofs -- --exact tests::a",
        );
        check(
            Kind::Test("system".to_owned()),
            &["a", "b"],
            "dofs::system",
            "cargo test --locked -p dofs --test system -- --exact a b",
        );
    }

    /// Compares the variables with those that cargo, or the suite, has set for this test.
    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "a variable of cargo is not a setting of a function"
    )]
    fn the_variables_are_those_that_cargo_sets() {
        let workspace = Workspace::here().unwrap();
        let own = workspace.packages.iter().find(|it| it.name == "xtask").unwrap();
        let ours = variables(own);
        for (name, value) in &ours {
            assert_eq!(std::env::var_os(name).as_ref(), Some(value), "{name}");
        }
        let set = std::env::vars_os().map(|(name, _)| name.into_string().unwrap());
        let set = set.filter(|it| it.starts_with("CARGO_PKG_") || it.starts_with("CARGO_MANIFEST"));
        let more: Vec<_> = set.filter(|it| ours.iter().all(|(name, _)| name != it)).collect();
        assert!(more.is_empty(), "{more:?}");
    }

    #[test]
    fn a_version_is_taken_apart() {
        #[track_caller]
        fn check(version: &str, expected: [&str; 4]) {
            let package = Package { version: version.to_owned(), ..Package::default() };
            let variables = variables(&package);
            for (name, value) in ["MAJOR", "MINOR", "PATCH", "PRE"].iter().zip(expected) {
                let name = format!("CARGO_PKG_VERSION_{name}");
                let found = variables.iter().find(|it| it.0 == name).unwrap();
                assert_eq!(found.1, value, "{version} {name}");
            }
        }
        check("0.1.0", ["0", "1", "0", ""]);
        check("1.20.3-beta.1+today", ["1", "20", "3", "beta.1"]);
    }
}
