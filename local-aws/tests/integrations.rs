//! The arguments of Step Functions' integrations match botocore's models of the services.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod support;

use std::{fs, path::Path, process::Command};

#[test]
fn the_shapes_are_those_of_botocore() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/integrations");
    let output = Command::new(support::tools().python())
        // Python must not write its cache next to the sources.
        .args(["-B", "derive.py"])
        .current_dir(&folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let derived = String::from_utf8(output.stdout).unwrap();
    let vendored = fs::read_to_string(folder.join("shapes.json")).unwrap();
    assert!(
        derived == vendored,
        "crates/integrations/shapes.json is not what derive.py prints\n  fix: run the command in its docstring"
    );
}
