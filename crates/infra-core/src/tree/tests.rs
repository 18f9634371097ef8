use proptest::prelude::*;

use super::*;

fn tree(files: &[(&str, &str)]) -> Tree {
    let mut tree = Tree::default();
    tree.own("generated").unwrap();
    for (path, text) in files {
        tree.insert(path, (*text).to_owned()).unwrap();
    }
    tree
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

const FILES: &[(&str, &str)] =
    &[("generated/prod/main.tf.json", "{}\n"), ("generated/prod/modules/sqs/main.tf.json", "1\n")];

#[test]
fn paths_stay_below_the_folder() {
    fn check(path: &str, good: bool) {
        assert_eq!(RelativePath::new(path).is_ok(), good, "{path:?}");
    }
    check("a", true);
    check("a/b.tf.json", true);
    check("", false);
    check("/a", false);
    check("a/../b", false);
    check("a//b", false);
    check("a/", false);
    check("a\\b", false);
    check("C:a", false);
    check("a\nb", false);
    check("a\0b", false);
    check("a/.", false);
}

#[test]
fn a_second_write_writes_nothing() {
    let root = folder();
    let tree = tree(FILES);
    let written = |written| {
        let changed = FILES.iter().take(written).map(|it| it.0.to_owned()).collect();
        Summary { changed, written, unchanged: 2 - written, removed: 0 }
    };
    assert_eq!(tree.write(root.path()).unwrap(), written(2));
    let time = || fs::metadata(root.path().join(FILES[0].0)).unwrap().modified().unwrap();
    let before = time();
    assert_eq!(tree.write(root.path()).unwrap(), written(0));
    assert_eq!(before, time());
    assert_eq!(tree.changes(root.path()).unwrap(), []);
}

#[test]
fn every_kind_of_difference_is_found_and_fixed() {
    fn check(path: &str, spoil: impl FnOnce(&Path), diff: &str) {
        let root = folder();
        let tree = tree(FILES);
        tree.write(root.path()).unwrap();
        spoil(root.path());
        let changes = tree.changes(root.path()).unwrap();
        let found: Vec<_> = changes.iter().map(|it| it.path.as_str()).collect();
        assert_eq!(found, [path]);
        assert_eq!(changes[0].diff(), diff);
        tree.write(root.path()).unwrap();
        assert_eq!(tree.changes(root.path()).unwrap(), []);
    }
    let main = FILES[0].0;
    check(
        main,
        |root| fs::write(root.join(main), "{ }\n").unwrap(),
        "--- a/generated/prod/main.tf.json\n+++ b/generated/prod/main.tf.json\n@@ -1 +1 @@\n-{ }\n+{}\n",
    );
    check(
        main,
        |root| fs::remove_file(root.join(main)).unwrap(),
        "--- /dev/null\n+++ b/generated/prod/main.tf.json\n@@ -0,0 +1 @@\n+{}\n",
    );
    check(
        "generated/old/x.json",
        |root| {
            fs::create_dir_all(root.join("generated/old")).unwrap();
            fs::write(root.join("generated/old/x.json"), "x\n").unwrap();
        },
        "--- a/generated/old/x.json\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n",
    );
    check(
        main,
        |root| fs::write(root.join(main), [0xff, 0xfe, b'\n']).unwrap(),
        "--- a/generated/prod/main.tf.json\n+++ b/generated/prod/main.tf.json\n@@ -1 +1 @@\n-\u{fffd}\u{fffd}\n+{}\n",
    );
}

#[test]
fn files_of_terraform_are_not_surplus() {
    let root = folder();
    let tree = tree(FILES);
    tree.write(root.path()).unwrap();
    let prod = root.path().join("generated/prod");
    fs::create_dir_all(prod.join(".terraform/providers")).unwrap();
    fs::write(prod.join(".terraform/providers/x"), "").unwrap();
    for name in ["terraform.tfstate", "terraform.tfstate.backup", "a.tfplan"] {
        fs::write(prod.join(name), "").unwrap();
    }
    assert_eq!(tree.changes(root.path()).unwrap(), []);
    fs::write(prod.join("notes.txt"), "").unwrap();
    assert_eq!(tree.changes(root.path()).unwrap().len(), 1);
    // Only the names are Terraform's here, not the things.
    fs::create_dir(prod.join("b.tfplan")).unwrap();
    fs::write(prod.join("b.tfplan/main.tf.json"), "").unwrap();
    fs::create_dir(prod.join("modules/.terraform.lock.hcl")).unwrap();
    fs::write(prod.join("modules/.terraform.lock.hcl/x"), "").unwrap();
    fs::write(prod.join("modules/sqs/.terraform"), "").unwrap();
    assert_eq!(tree.changes(root.path()).unwrap().len(), 4);
}

#[test]
fn a_path_is_taken_once() {
    fn check(first: &str, second: &str, told: Option<&str>) {
        let mut tree = Tree::default();
        tree.insert(first, "1".to_owned()).unwrap();
        let said = tree.insert(second, "2".to_owned()).err().map(|it| it.to_string());
        let said = said.as_deref().and_then(|it| it.lines().next());
        assert_eq!(said, told, "{first}, then {second}");
        assert_eq!(tree.files().next().map(|it| it.1), Some("1"), "the first stays");
    }
    check("a/b", "a/b", Some("a/b is generated twice"));
    check("a", "a/b", Some("a/b is generated inside of a, which is a file"));
    check("a/b/c", "a", Some("a/b/c is generated inside of a, which is a file"));
    check("a/b", "a/b/c/d", Some("a/b/c/d is generated inside of a/b, which is a file"));
    check("a", "a.b/c", None);
    check("a/b", "a/bc", None);
}

#[test]
fn a_folder_at_the_path_of_a_file_is_an_error_and_nothing_is_written() {
    let root = folder();
    fs::create_dir_all(root.path().join(FILES[1].0)).unwrap();
    let err = tree(FILES).write(root.path()).unwrap_err().to_string();
    assert!(err.contains("is a folder") && err.contains("fix:"), "{err}");
    assert!(!root.path().join(FILES[0].0).exists());
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    use std::os::unix::fs::symlink;
    let (root, elsewhere) = (folder(), folder());
    let target = elsewhere.path().join("theirs");
    fs::write(&target, "theirs").unwrap();
    fs::create_dir_all(root.path().join("generated/prod")).unwrap();
    symlink(&target, root.path().join(FILES[0].0)).unwrap();
    tree(FILES).write(root.path()).unwrap();
    assert_eq!(fs::read_to_string(&target).unwrap(), "theirs");
    assert_eq!(fs::read_to_string(root.path().join(FILES[0].0)).unwrap(), FILES[0].1);

    let root = folder();
    symlink(elsewhere.path(), root.path().join("generated")).unwrap();
    let err = tree(FILES).write(root.path()).unwrap_err().to_string();
    assert!(err.contains("is a link"), "{err}");
}

#[cfg(unix)]
#[test]
fn a_pipe_is_an_error_and_is_not_read() {
    // In the place of a generated file, and as something surplus.
    for name in [FILES[0].0, "generated/surplus"] {
        let root = folder();
        let pipe = root.path().join(name);
        fs::create_dir_all(pipe.parent().unwrap()).unwrap();
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        let err = tree(FILES).changes(root.path()).unwrap_err().to_string();
        assert!(err.contains("neither a file nor a folder"), "{err}");
    }
}

#[test]
fn long_differences_are_cut() {
    let change = Change {
        path: RelativePath::new("a").unwrap(),
        before: None,
        after: Some("line\n".repeat(500)),
    };
    let diff = change.diff();
    assert_eq!(diff.lines().count(), DIFF_LINES + 1);
    assert!(diff.ends_with("… 303 more lines\n"), "{diff}");
}

#[test]
fn two_runs_at_once_leave_whole_files() {
    let root = folder();
    let text = "x".repeat(100_000);
    let tree = tree(&[("generated/a", &text), ("generated/b", &text)]);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| tree.write(root.path()).unwrap());
        }
    });
    assert_eq!(tree.changes(root.path()).unwrap(), []);
}

#[test]
fn two_runs_at_once_remove_the_same_files() {
    let tree = tree(FILES);
    // Whether two runs meet at one file is a matter of luck; with this many they do.
    for _ in 0..20 {
        let root = folder();
        for at in 0..20 {
            let old = root.path().join(format!("generated/old{at}"));
            fs::create_dir_all(&old).unwrap();
            fs::write(old.join("x"), "").unwrap();
        }
        let removed: usize = std::thread::scope(|scope| {
            let runs = [(); 4].map(|()| scope.spawn(|| tree.write(root.path()).unwrap().removed));
            runs.into_iter().map(|it| it.join().unwrap()).sum()
        });
        assert_eq!(removed, 20, "each file was removed by one of them");
        assert_eq!(tree.changes(root.path()).unwrap(), []);
    }
}

proptest! {
    #[test]
    fn what_was_written_is_there(files in proptest::collection::btree_map("[a-c]{1,2}", ".{0,20}", 0..6)) {
        let root = folder();
        let mut tree = Tree::default();
        tree.own("generated").unwrap();
        for (name, text) in &files {
            tree.insert(&format!("generated/{name}.json"), text.clone()).unwrap();
        }
        tree.write(root.path()).unwrap();
        prop_assert_eq!(tree.changes(root.path()).unwrap(), vec![]);
        for (name, text) in files {
            let there = fs::read_to_string(root.path().join(format!("generated/{name}.json"))).unwrap();
            prop_assert_eq!(there, text);
        }
    }
}
