//! Builds one source in two folders, and compares the bytes.

use std::path::Path;

use fs_err as fs;
use infra_core::model::function::Architecture;

use super::*;
use crate::package::{build, zip};

/// A workspace whose program contains every kind of path: of its own source, of generated source, and of the standard
/// library.
const SOURCE: &[(&str, &str)] = &[
    (
        "Cargo.toml",
        r#"
        [workspace]
        resolver = "3"
        members = ["program", "library"]
        "#,
    ),
    (
        "Cargo.lock",
        r#"
        version = 4
        [[package]]
        name = "library"
        version = "0.1.0"
        [[package]]
        name = "program"
        version = "0.1.0"
        dependencies = ["library"]
        "#,
    ),
    (
        "program/Cargo.toml",
        r#"
        [package]
        name = "program"
        version = "0.1.0"
        edition = "2024"
        [dependencies]
        library = { path = "../library" }
        "#,
    ),
    (
        "program/src/main.rs",
        r#"
        fn main() {
            let texts: Vec<String> = std::env::args().map(|it| library::named(&it)).collect();
            println!("{texts:?} {}", texts.first().expect("none"));
        }
        "#,
    ),
    (
        "library/Cargo.toml",
        r#"
        [package]
        name = "library"
        version = "0.1.0"
        edition = "2024"
        "#,
    ),
    (
        "library/build.rs",
        r#"
        fn main() {
            let file = std::path::Path::new(&std::env::var("OUT_DIR").unwrap()).join("made.rs");
            let source = "pub fn made(at: usize) -> usize { [1, 2, 3][at] }";
            std::fs::write(file, source).unwrap();
        }
        "#,
    ),
    (
        "library/src/lib.rs",
        r#"
        include!(concat!(env!("OUT_DIR"), "/made.rs"));
        pub fn named(text: &str) -> String {
            format!("{} {}", made(text.len()), text.parse::<u8>().expect("no number"))
        }
        "#,
    ),
];

/// Builds it in a folder, into a target folder. Returns the zip.
fn zip(root: &Path, target: &Path) -> Vec<u8> {
    for (path, text) in SOURCE {
        let file = root.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    // The profile of the real workspace.
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
    let own = fs::read_to_string(own).unwrap();
    let profile = own.split("\n[").find_map(|it| it.strip_prefix("profile.deploy]")).unwrap();
    let manifest = format!(
        "{}\n[profile.deploy]{profile}",
        fs::read_to_string(root.join("Cargo.toml")).unwrap()
    );
    fs::write(root.join("Cargo.toml"), manifest).unwrap();

    let mut workspace = Workspace::at(root).unwrap();
    workspace.target = target.to_owned();
    let mut problems = Vec::new();
    let functions = workspace.holding(&["program"], &mut problems);
    assert_eq!(problems, Vec::<String>::new());
    let built = build::build(&workspace, &functions, Architecture::X86_64, None).unwrap();
    let program = fs::read(&built[0].1).unwrap();
    for folder in [root, target] {
        let folder = folder.to_str().unwrap().as_bytes();
        assert!(!program.windows(folder.len()).any(|it| it == folder));
    }
    zip::pack(&program).unwrap()
}

/// Only on machines whose default builder is cargo, which is always installed.
#[test]
#[cfg(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64"))]
fn the_same_source_gives_the_same_bytes_wherever_it_is_built() {
    let folder = tempfile::tempdir().unwrap();
    let place = |path: &str| folder.path().join(path);
    let one = zip(&place("one"), &place("one/target"));
    let check = |root: &str, target: &str| assert_eq!(zip(&place(root), &place(target)), one);
    check("another/and/deeper", "elsewhere");
    check("with a space", "with a space/out");
}

#[test]
fn inner_folders_come_after_outer_ones() {
    let here = Workspace::at(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let check = |root: &str, target: &str, cargo_home: &str, expected: &[&str]| {
        let mut workspace = here.clone();
        workspace.root = root.into();
        workspace.target = target.into();
        workspace.cargo_home = cargo_home.into();
        let names: Vec<String> = folders(&workspace).into_iter().map(|(_, to)| to).collect();
        let names: Vec<&str> =
            names.iter().map(String::as_str).filter(|it| !it.starts_with("/rustc/")).collect();
        assert_eq!(names, expected);
    };
    check("/none/w", "/none/w/target", "/none/w/x/y/.cargo", &["/dofs", "/dofs/target", "/cargo"]);
    check("/none/a/b/w", "/none/target", "/none", &["/cargo", "/dofs/target", "/dofs"]);
}
