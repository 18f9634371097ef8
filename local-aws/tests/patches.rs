//! Every patch of the emulator is needed, helps, and fails if it no longer applies.
//!
//! Each case runs the loader in a separate Python, on the installed ministack, after some
//! lines that change it.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod support;

use std::{path::Path, process::Command};

const PATCHES: [&str; 30] = [
    "alarm_put",
    "alarm_describe",
    "any_caller",
    "api_key",
    "firewall_config",
    "firewall_log",
    "health",
    "mock_integration",
    "sdk_members",
    "service_linked_role",
    "start_again",
    "tracing",
    "iam_request",
    "iam_unjudged",
    "iam_told",
    "iam_denied",
    "iam_keys",
    "iam_language",
    "iam_needed",
    "iam_key_use",
    "iam_also",
    "iam_alarm",
    "iam_event_source",
    "iam_function_log",
    "iam_integration",
    "iam_lambda",
    "iam_machine",
    "iam_notification",
    "iam_pass_role",
    "iam_target",
];

/// Applies all patches after these lines of Python. Returns whether that succeeded, and the output.
fn lay_on(first: &str) -> (bool, String) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let program = format!("{first}\nimport patches\npatches.lay_on()");
    let output = Command::new(support::tools().python())
        // Otherwise ministack logs each request of the patches' checks.
        .env("LOG_LEVEL", "ERROR")
        // Python must not write its cache next to the sources.
        .arg("-B")
        .args(["-c", &program])
        .current_dir(source)
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

/// The lines about a patch.
fn about<'a>(said: &'a str, patch: &str) -> Vec<&'a str> {
    let begin = format!("patch {patch} does not apply: ");
    said.lines().filter_map(|it| it.strip_prefix(&begin)).collect()
}

/// Checks that after a change, these patches have this problem, and the others have none.
#[track_caller]
fn check(first: &str, patches: &[&str], why: &str) {
    let (is_patched, said) = lay_on(first);
    assert!(!is_patched, "{said}");
    assert!(said.contains("fix: see what changed in ministack"), "{said}");
    for patch in PATCHES {
        let about = about(&said, patch);
        if patches.contains(&patch) {
            assert!(about.len() == 1 && about[0].contains(why), "{patch}\n{said}");
        } else {
            assert!(about.is_empty(), "{patch}\n{said}");
        }
    }
}

#[test]
fn every_patch_is_needed_and_helps() {
    // Each patch is checked before and after it is applied: see `patches/__init__.py`.
    let (is_patched, said) = lay_on("");
    assert!(is_patched, "{said}");
    assert_eq!(said.trim(), format!("patched: {}", PATCHES.join(" ")));
}

#[test]
fn another_version_of_ministack_is_an_error() {
    let fake = "import importlib.metadata\nimportlib.metadata.version = lambda _: '9.9.9'";
    check(fake, &PATCHES, "it is for ministack 1.5.33, and this is 9.9.9");
}

#[test]
fn a_patch_that_ministack_no_longer_needs_is_an_error() {
    // Applied twice, each patch finds that it is not needed.
    check("import patches\npatches.lay_on()", &PATCHES, "it is not needed");
    check("import patches\npatches.lay_on(['tracing'])", &["tracing"], "it is not needed");
}

#[test]
fn a_patch_without_its_function_is_an_error() {
    let gone = |service: &str, function: &str| {
        format!("from ministack.services import {service}\ndel {service}.{function}")
    };
    check(&gone("stepfunctions", "_start_execution"), &["start_again"], "has no _start_execution");
    check(&gone("apigateway_v1", "find_api_scope"), &["any_caller"], "has no find_api_scope");
    let import = "import sys\nsys.modules['ministack.services.cloudwatch'] = None";
    check(import, &["alarm_put", "alarm_describe", "iam_alarm"], "what it imports is gone");
}

#[test]
fn a_patch_that_does_not_help_is_an_error() {
    let idle = "import patches.tracing as it\nit.INSTEAD = {'_create_state_machine': \
                lambda original, data: original(data)}";
    check(idle, &["tracing"], "it does not help");
    let broken = "import patches.mock_integration as it\nit.INSTEAD = {'_put_integration': \
                  lambda original, *args: 1 / 0}";
    check(broken, &["mock_integration"], "its check ended in ZeroDivisionError");
}
