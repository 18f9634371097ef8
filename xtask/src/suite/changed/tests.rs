use super::*;
use crate::workspace::{Dependency, Target};

/// `core`, `app` on it, `tool` whose tests are on `app`, and `alone`.
fn packages() -> Vec<Package> {
    let package = |name: &str, tests: &[&str], on: &[(&str, Option<&str>)]| Package {
        name: name.to_owned(),
        manifest_path: format!("/repo/{name}/Cargo.toml").into(),
        targets: tests
            .iter()
            .map(|it| Target {
                name: (*it).to_owned(),
                kind: vec!["test".to_owned()],
                test: true,
                ..Target::default()
            })
            .collect(),
        dependencies: on
            .iter()
            .map(|(name, kind)| Dependency {
                path: Some(format!("/repo/{name}").into()),
                kind: kind.map(str::to_owned),
            })
            .collect(),
        ..Package::default()
    };
    vec![
        package("core", &["ui", "other"], &[]),
        package("app", &["system"], &[("core", None)]),
        package("tool", &[], &[("app", Some("dev"))]),
        package("last", &[], &[("tool", None)]),
        package("alone", &[], &[]),
    ]
}

#[track_caller]
fn check(files: &[&str], expected: Option<&[&str]>) {
    let text = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let texts = BTreeMap::from([
        text("core", "pub struct Generated;"),
        text("app", "include_str!(\"../../generated/dev/main.tf.json\")"),
        text("alone", "#[path = \"../../core/benches/it.rs\"] fn f() { root.join(\"docs\") }"),
    ]);
    let found = match Touched::by(files, Path::new("/repo"), &packages(), &texts) {
        Touched::Everything => None,
        Touched::Parts { packages, programs } => {
            let readers: Vec<&str> = READERS.iter().map(|it| it.0).collect();
            let programs = programs.iter().filter(|it| !readers.contains(&it.package.as_str()));
            Some(packages.into_iter().chain(programs.map(Id::name)).collect::<Vec<_>>())
        }
    };
    let expected = expected.map(|it| it.iter().map(|it| (*it).to_owned()).collect());
    assert_eq!(found, expected, "{files:?}");
}

#[test]
fn a_change_affects_dependent_packages() {
    check(&[], Some(&[]));
    check(&["core/src/lib.rs"], Some(&["app", "core", "tool"]));
    check(&["core/Cargo.toml"], Some(&["app", "core", "tool"]));
    check(&["app/src/main.rs"], Some(&["app", "tool"]));
    check(&["tool/src/lib.rs"], Some(&["last", "tool"]));
    check(&["alone/src/lib.rs"], Some(&["alone"]));
}

#[test]
fn a_test_touches_itself() {
    check(&["core/tests/ui.rs"], Some(&["core::ui"]));
    check(
        &["core/tests/ui/a.stderr", "app/tests/system/main.rs"],
        Some(&["app::system", "core::ui"]),
    );
    // A file that several tests share.
    check(&["core/tests/support/mod.rs"], Some(&["app", "core", "tool"]));
}

#[test]
fn a_file_affects_the_packages_that_read_it() {
    check(&["generated/dev/main.tf.json"], Some(&["app", "tool"]));
    check(&["docs/page.png"], Some(&["alone"]));
    check(&["core/benches/it.rs"], Some(&["alone", "app", "core", "tool"]));
    check(&["LICENSE"], Some(&[]));
    // No package names it, so any test may read it.
    check(&["README.md"], None);
}

#[test]
fn a_file_that_no_rule_knows_touches_everything() {
    for file in ["Cargo.lock", "rust-toolchain.toml", ".github/workflows/ci.yml", "generated.txt"] {
        check(&[file], None);
        check(&["alone/src/lib.rs", file], None);
    }
}

/// dofs runs the functions' binaries, whether or not it depends on their packages. No text names them here.
#[test]
fn a_function_affects_the_packages_that_run_it() {
    let workspace = Workspace::here().unwrap();
    let functions = workspace.holding(&FunctionName::BINS, &mut Vec::new());
    assert_eq!(functions.len(), FunctionName::BINS.len());
    for function in functions {
        let package = workspace.packages.iter().find(|it| it.name == function.package).unwrap();
        let file = package.folder().join("src/main.rs");
        let file = file.strip_prefix(&workspace.root).unwrap().to_str().unwrap();
        let touched = Touched::by(&[file], &workspace.root, &workspace.packages, &BTreeMap::new());
        for test in ["system", "command", "page"] {
            let id = Id { package: "dofs".to_owned(), kind: Kind::Test(test.to_owned()) };
            assert!(touched.has_program(&id), "{file} touches {touched:?}");
        }
    }
}

/// The readers are programs that there are.
#[test]
fn every_reader_is_there() {
    let workspace = Workspace::here().unwrap();
    for (package, test) in READERS {
        let found = workspace.packages.iter().find(|it| it.name == *package).unwrap();
        let name = test.unwrap_or(package);
        assert!(found.targets.iter().any(|it| it.name == name), "{package} {test:?}");
    }
    for file in READ.iter().chain(UNREAD) {
        assert!(workspace.root.join(file).exists(), "{file}");
    }
}
