//! Runs `infra-gen` as a process, and checks its output, exit codes and files.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

fn infra_gen(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_infra-gen")).args(args).current_dir(folder).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A folder with all generated files.
fn generated() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let output = infra_gen(Path::new("/"), &["--out", folder.path().to_str().unwrap()]);
    assert!(output.status.success(), "{}", stderr(&output));
    folder
}

fn files_below(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_owned();
                files.push((name, fs::read(path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

#[test]
fn rule_6_what_is_committed_is_what_the_source_says() {
    let output = infra_gen(Path::new(REPOSITORY), &["--check"]);
    assert!(output.status.success(), "rule 6:\n{}{}", stdout(&output), stderr(&output));
    assert_eq!(stdout(&output), "");
}

#[test]
fn rule_5_every_working_directory_gives_the_same_bytes() {
    let first = generated();
    let (second, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let output = infra_gen(elsewhere.path(), &["--out", second.path().to_str().unwrap()]);
    assert!(output.status.success());
    assert!(files_below(first.path()) == files_below(second.path()), "rule 5");
}

#[test]
fn cost_is_printed_as_text_and_json_and_a_repeat_prints_the_same() {
    let ask =
        |args: &[&str]| infra_gen(Path::new("/"), &[&["cost", "--env", "prod"], args].concat());
    let text = stdout(&ask(&["--orders", "1e6"]));
    assert_eq!(text, stdout(&ask(&[])));
    assert!(
        text.starts_with(
            "prod, 1000000 orders a month, estimated by list prices of us-east-1 as of "
        ),
        "{text}"
    );
    assert!(text.contains("https://aws.amazon.com/waf/pricing/"), "{text}");
    let told: Value = serde_json::from_str(&stdout(&ask(&["--format", "json"]))).unwrap();
    let lines = told["estimate"]["lines"].as_array().unwrap();
    let sum: f64 = lines.iter().map(|it| it["usd"].as_f64().unwrap()).sum();
    assert!((sum - told["estimate"]["usd"].as_f64().unwrap()).abs() < 1e-6);
    assert!(text.contains(&format!("{sum:.2} USD  a month")), "{text}");

    let wrong = ask(&["--orders", "some"]);
    assert!(!wrong.status.success());
    assert!(stderr(&wrong).contains("such as 250000 or 1e6"), "{}", stderr(&wrong));
}

#[test]
fn a_run_reports_its_changes_and_a_second_run_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let first = stdout(&infra_gen(folder.path(), &["--out", out, "--env", "prod"]));
    // The printed counts equal those of the files.
    let files = files_below(folder.path());
    let ledger = fs::read_to_string(folder.path().join("generated/prod/addresses.txt")).unwrap();
    // A line for a former address also says what became of it.
    let is_there = |it: &&str| it.starts_with("module.") && !it.contains(' ');
    let resources = ledger.lines().filter(is_there).count();
    let files = files.len();
    assert!(files > 20 && resources > 100, "{files} files, {resources} resources");
    let (counts, named) = first.split_once("0 unchanged\n").unwrap();
    assert_eq!(
        counts,
        format!(
            "generated/prod        {resources} resources in 6 modules, {files} files\n\
             {files} files written, 0 removed, "
        )
    );
    assert!(
        named.starts_with("  generated/prod/.terraform.lock.hcl\n  generated/prod/TOPOLOGY.md\n"),
        "{named}"
    );
    assert!(named.ends_with(&format!("\n  and {} more\n", files - 20)), "{named}");
    let second = infra_gen(folder.path(), &["--out", out, "--env", "prod", "--format", "json"]);
    let told: Value = serde_json::from_str(&stdout(&second)).unwrap();
    assert_eq!(
        told["files"],
        serde_json::json!({ "written": 0, "removed": 0, "unchanged": files })
    );
    assert_eq!((&told["changed"], &told["next"]), (&Value::from(vec![""; 0]), &told["changed"]));
    assert_eq!(told["roots"][0]["resources"], resources);
    assert!(!folder.path().join("generated/dev").exists());
}

#[test]
fn check_reports_each_change_with_the_command_that_fixes_it() {
    fn check(spoil: impl FnOnce(&Path), expected: &[&str]) {
        let folder = generated();
        let out = folder.path().to_str().unwrap();
        assert!(infra_gen(folder.path(), &["--out", out, "--check"]).status.success());
        spoil(folder.path());
        let before = files_below(folder.path());
        let output = infra_gen(folder.path(), &["--out", out, "--check"]);
        assert_eq!(output.status.code(), Some(1));
        for part in expected {
            assert!(stdout(&output).contains(part), "{part:?} in {}", stdout(&output));
        }
        assert!(stderr(&output).contains("fix: cargo run -p infra-gen"), "{}", stderr(&output));
        assert!(before == files_below(folder.path()), "--check writes nothing");

        let json = infra_gen(folder.path(), &["--out", out, "--check", "--format", "json"]);
        let told: Value = serde_json::from_str(&stdout(&json)).unwrap();
        assert_eq!(told["differs"].as_array().unwrap().len(), 1);
        assert_eq!(told["fix"], format!("cargo run -p infra-gen -- --out {out}"));
    }
    let main = "generated/prod/modules/sqs/main.tf.json";
    check(
        |root| {
            let text = fs::read_to_string(root.join(main)).unwrap();
            let text = text.replace(
                "\"visibility_timeout_seconds\": 180",
                "\"visibility_timeout_seconds\": 1",
            );
            fs::write(root.join(main), text).unwrap();
        },
        &[
            "-        \"visibility_timeout_seconds\": 1",
            "+        \"visibility_timeout_seconds\": 180",
        ],
    );
    check(|root| fs::remove_file(root.join(main)).unwrap(), &["--- /dev/null", main]);
    check(
        |root| fs::write(root.join("generated/prod/extra.tf.json"), "{}\n").unwrap(),
        &["--- a/generated/prod/extra.tf.json", "+++ /dev/null", "-{}"],
    );
    check(
        |root| fs::write(root.join("generated/notes.md"), "mine\n").unwrap(),
        &["--- a/generated/notes.md"],
    );
    check(
        |root| fs::write(root.join("buildspec.yml"), "version: 0.2\n").unwrap(),
        &["--- a/buildspec.yml"],
    );
    for path in [".github/workflows/ci.yml", "generated/cicd/buildspecs/apply.yml"] {
        check(
            |root| fs::write(root.join(path), "on: push\n").unwrap(),
            &[&format!("--- a/{path}"), "-on: push"],
        );
    }
}

#[test]
fn a_surplus_file_goes_with_the_next_run() {
    let folder = generated();
    let (out, files) = (folder.path().to_str().unwrap(), files_below(folder.path()).len());
    fs::create_dir_all(folder.path().join("generated/old/modules")).unwrap();
    fs::write(folder.path().join("generated/old/modules/main.tf.json"), "{}").unwrap();
    let told = stdout(&infra_gen(folder.path(), &["--out", out]));
    let expected = format!(
        "0 files written, 1 removed, {files} unchanged\n  generated/old/modules/main.tf.json\n"
    );
    assert!(told.ends_with(&expected), "{told}");
    assert!(!folder.path().join("generated/old").exists());
}

/// A folder that infra-gen takes for the repository, with one file of the repository.
fn repository() -> tempfile::TempDir {
    let folder = generated();
    fs::create_dir_all(folder.path().join("infra-gen")).unwrap();
    fs::write(folder.path().join("infra-gen/Cargo.toml"), "").unwrap();
    folder
}

#[test]
fn a_run_says_what_changed_and_what_comes_next() {
    let folder = repository();
    let run = |args: &[&str]| stdout(&infra_gen(folder.path(), args));
    let told = run(&["--env", "prod"]);
    assert!(told.contains("0 files written, 0 removed, "), "{told}");
    let next = told.lines().find(|it| it.starts_with("next:")).unwrap();
    assert!(include_str!("../../README.md").lines().any(|it| it == next), "README lacks {next:?}");
    assert!(told.contains("next: cargo run -p dofs -- deploy --aws --env prod "), "{told}");
    assert!(!told.contains("review"), "nothing changed: {told}");
    let queue = "generated/prod/modules/sqs/main.tf.json";
    fs::write(folder.path().join(queue), "{}").unwrap();
    let told = run(&["--env", "prod"]);
    let expected =
        format!("unchanged\n  {queue}\nnext: cargo run -p infra-gen -- review --base HEAD ");
    assert!(told.contains(&expected), "{told}");
    assert!(told.contains("\n      cargo run -p dofs -- deploy --aws --env prod "), "{told}");
    fs::write(folder.path().join(queue), "{}").unwrap();
    let told: Value = serde_json::from_str(&run(&["--format", "json"])).unwrap();
    assert_eq!(told["changed"], serde_json::json!([queue]));
    let next: Vec<&str> =
        told["next"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    assert!(next.iter().any(|it| it.contains("-- local up ")), "{next:?}");
    // Without `--aws`, the command would use a local system, which may not run.
    assert!(next.iter().any(|it| it.contains("-- deploy --aws ")), "{next:?}");
}

#[test]
fn the_picture_in_the_documents_follows_the_topology() {
    let folder = repository();
    let run = |args: &[&str]| infra_gen(folder.path(), args);
    let document = folder.path().join("docs/orders.md");
    fs::create_dir(folder.path().join("docs")).unwrap();
    let text = |picture: &str| {
        format!("mine\n<!-- infra-gen graph -->\n```mermaid\n{picture}```\nmine, too\n")
    };
    fs::write(&document, text("flowchart LR\n    alarms[\"1 alarm\"]\n")).unwrap();
    let told = run(&["--check"]);
    assert_eq!(told.status.code(), Some(1));
    assert!(stdout(&told).contains("-    alarms[\"1 alarm\"]"), "{}", stdout(&told));
    assert!(stdout(&run(&[])).contains("  docs/orders.md\n"));
    assert_eq!(fs::read_to_string(&document).unwrap(), text(&stdout(&run(&["graph"]))));
    assert!(run(&["--check"]).status.success());
    // A document without the picture is not changed.
    fs::write(&document, "mine\n").unwrap();
    assert!(run(&["--check"]).status.success());
}

#[test]
fn a_rule_that_every_environment_breaks_is_reported_once() {
    let folder = generated();
    let out = folder.path().to_str().unwrap();
    let lost = "module.sqs.aws_sqs_queue.old_queue";
    for env in ["dev", "staging", "prod"] {
        let ledger = folder.path().join(format!("generated/{env}/addresses.txt"));
        // The violation is equal in all of them except for the path, which contains the environment.
        let text = fs::read_to_string(&ledger).unwrap();
        fs::write(&ledger, format!("{text}{lost}\n")).unwrap();
    }
    let said = stderr(&infra_gen(folder.path(), &["--out", out]));
    for env in ["dev", "staging", "prod"] {
        assert!(said.contains(&format!("\n  in:  {env}\n")), "{said}");
    }
    let json = infra_gen(folder.path(), &["--out", out, "--format", "json"]);
    let told: Value = serde_json::from_str(&stdout(&json)).unwrap();
    assert_eq!(told["violations"][0]["roots"], serde_json::json!(["dev"]), "{told:#}");
}

#[test]
fn wrong_calls_fail_with_a_fix() {
    fn check(folder: &Path, args: &[&str], code: i32, expected: &str) {
        let output = infra_gen(folder, args);
        assert_eq!(output.status.code(), Some(code));
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
        assert_eq!(stdout(&output), "");
    }
    let elsewhere = tempfile::tempdir().unwrap();
    let here = elsewhere.path();
    check(here, &[], 1, "fix: change into the repository, or name a folder with --out DIR");
    check(here, &["--env", "production"], 2, "possible values: dev, staging, prod");
    check(here, &["--chekc"], 2, "a similar argument exists: '--check'");
    check(here, &["schema", "--check"], 2, "--check");
    fs::write(here.join("file"), "").unwrap();
    let file = here.join("file");
    check(here, &["--out", file.to_str().unwrap()], 1, "fix:");
}

#[test]
fn without_terraform_the_schema_command_says_how_to_get_it() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_infra-gen"))
        .args(["schema", "--out", folder.path().to_str().unwrap()])
        .env("PATH", folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = stderr(&output);
    assert!(told.contains("https://developer.hashicorp.com/terraform/install"), "{told}");
    assert!(files_below(folder.path()).is_empty());
}

#[test]
fn an_address_that_was_committed_is_not_lost() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let run = |args: &[&str]| infra_gen(folder.path(), &[&["--out", out], args].concat());
    assert!(run(&["--env", "dev"]).status.success());
    let ledger = folder.path().join("generated/dev/addresses.txt");
    let text = fs::read_to_string(&ledger).unwrap();
    let lost = "module.sqs.aws_sqs_queue.old_queue";
    fs::write(&ledger, format!("{text}{lost}\n")).unwrap();
    let before = files_below(folder.path());
    for args in [&["--env", "dev"][..], &["--env", "dev", "--check"], &[]] {
        let refused = run(args);
        assert!(!refused.status.success());
        let said = stderr(&refused);
        assert!(said.contains(&format!("{lost} [ledger/vanished]")), "{said}");
        assert!(files_below(folder.path()) == before, "something was written");
    }
    // Another environment has a ledger of its own.
    assert!(run(&["--env", "prod"]).status.success());
    fs::write(&ledger, text).unwrap();
    assert!(run(&["--env", "dev", "--check"]).status.success());
}

#[test]
fn explain_prints_text_and_json() {
    let here = Path::new("/");
    let run = |args: &[&str]| infra_gen(here, &[&["explain"], args].concat());
    let queue = "module.sqs.aws_sqs_queue.order_queue";
    let told = stdout(&run(&[queue]));
    for part in
        ["at: infra-gen/src/topology/sqs.rs:", "who may do what to it", "dev, staging: true"]
    {
        assert!(told.contains(part), "{part:?} in {told}");
    }
    let told: Value = serde_json::from_str(&stdout(&run(&[queue, "--format", "json"]))).unwrap();
    assert_eq!(told["address"], queue);
    assert_eq!(told["alarms"].as_array().unwrap().len(), 1);
    // Words list the matching addresses. A single match is explained at once.
    let told = stdout(&run(&["redrive", "dead", "letters", "order_queue", "alone"]));
    assert!(
        told.starts_with("module.sqs.aws_sqs_queue_redrive_allow_policy.order_dlq\n"),
        "{told}"
    );
    assert!(told.contains("  at: "), "{told}");
    assert!(stdout(&run(&["order", "queue"])).lines().count() > 2);
    assert!(stdout(&run(&[])).lines().count() > 240);

    let unknown = run(&["module.sqs.aws_sqs_queue.order_que"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(
        stderr(&unknown).contains(&format!("similar addresses:\n    {queue}\n")),
        "{}",
        stderr(&unknown)
    );
    let elsewhere = run(&["module.sqs.aws_kms_key.queues", "--env", "dev"]);
    assert_eq!(elsewhere.status.code(), Some(1));
    assert!(stderr(&elsewhere).contains("is not in dev, but in prod"), "{}", stderr(&elsewhere));
    let nothing = run(&["zzzzqq", "--format", "json"]);
    assert_eq!(nothing.status.code(), Some(1));
    let told: Value = serde_json::from_str(&stdout(&nothing)).unwrap();
    assert_eq!(told["unknown"], "zzzzqq");
}

/// Every command that writes to stdout, with its exit code if all of its output is read.
fn commands(folder: &Path) -> Vec<(Vec<String>, i32)> {
    let folder = folder.to_str().unwrap();
    let generated = format!("{REPOSITORY}/generated");
    let commands: [(&[&str], i32); 11] = [
        (&["--out", folder, "--env", "dev"], 0),
        (&["--out", folder, "--env", "prod", "--check"], 1),
        (&["explain"], 0),
        (&["explain", "zzzzqq", "--format", "json"], 1),
        (&["graph"], 0),
        (&["graph", "--format", "dot"], 0),
        (&["graph", "--format", "svg"], 0),
        (&["graph", "--format", "html"], 0),
        (&["cost", "--env", "prod"], 0),
        (&["review", "--base", &generated, "--head", &generated], 0),
        (&["--help"], 0),
    ];
    let owned = |it: &[&str]| it.iter().map(|it| (*it).to_owned()).collect();
    commands.into_iter().map(|(args, code)| (owned(args), code)).collect()
}

#[test]
fn a_reader_that_has_gone_changes_no_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    for (args, code) in commands(folder.path()) {
        let (_, writer) = io::pipe().unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_infra-gen"))
            .args(&args)
            .stdout(writer)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {}", stderr(&output));
        assert!(!stderr(&output).contains("panicked"), "{args:?}: {}", stderr(&output));
    }
}

#[test]
fn a_full_disk_is_one_line_and_exit_code_1() {
    let full = Path::new("/dev/full");
    if !full.exists() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for (args, _) in commands(folder.path()) {
        let output = Command::new(env!("CARGO_BIN_EXE_infra-gen"))
            .args(&args)
            .stdout(File::create(full).unwrap())
            .output()
            .unwrap();
        let told = stderr(&output);
        assert_eq!((output.status.code(), told.lines().count()), (Some(1), 1), "{args:?}: {told}");
        assert!(told.starts_with("error: ") && told.contains("No space left"), "{told}");
    }
}

/// `print!` panics where stdout is closed or full, so one file writes for every command. The functions write to
/// Lambda's log, and `cost` must stay small. `simulate` and `orders` write to xtask, which starts them and reads all of
/// it, and they know no infra-gen. The tests of xtask write to the harness.
#[test]
fn one_file_writes_to_the_terminal() {
    const ALLOWED: [&str; 6] = [
        "crates/terminal/src/lib.rs",
        "lambdas/runtime/src/live.rs",
        "lambdas/simulation/src/bin/orders.rs",
        "lambdas/simulation/src/bin/simulate.rs",
        "xtask/examples/cost.rs",
        "xtask/src/say.rs",
    ];
    let root = Path::new(REPOSITORY);
    let mut found = Vec::new();
    for name in ["dofs", "infra-gen", "xtask", "local-aws", "examples", "lambdas"] {
        for (path, bytes) in files_below(&root.join(name)) {
            let path = format!("{name}/{}", path.display());
            let source =
                path.ends_with(".rs") && !path.contains("/tests") && !path.contains("/target/");
            if !source || ALLOWED.contains(&path.as_str()) {
                continue;
            }
            let text = String::from_utf8(bytes).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
            let writes =
                ["print!(", "println!(", "eprint!(", "eprintln!(", "io::stdout()", "io::stderr()"];
            let lines = code.lines().filter(|it| !it.trim_start().starts_with("//"));
            let lines = lines.filter(|it| writes.iter().any(|write| it.contains(write)));
            found.extend(lines.map(|it| format!("{path}: {}", it.trim())));
        }
    }
    assert_eq!(found, [""; 0], "write by terminal instead");
}
