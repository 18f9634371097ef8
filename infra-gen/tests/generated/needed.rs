//! Checks that outputs have a reader, and contracts a function and a binary.

use std::{collections::BTreeSet, fs, path::Path};

use infra_gen::{config::Environment, roots, topology};

use crate::root::Root;

fn repository(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// All Rust code in a folder.
fn code(folder: &Path) -> String {
    let mut code = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            code += &self::code(&path);
        } else {
            code += &fs::read_to_string(path).unwrap();
        }
    }
    code
}

/// An output of an environment that `dofs` does not read would be a promise without use. The outputs of the pipeline's root
/// are for the person who applies it once, and confirms the connection to GitHub.
#[test]
fn each_output_is_read_by_dofs() {
    let dofs = code(&repository("dofs/src"));
    for environment in Environment::ALL {
        let files = roots::environment(environment).files;
        let outputs = &files[&format!("generated/{environment}/outputs.tf.json")];
        let outputs: serde_json::Value = serde_json::from_str(outputs).unwrap();
        for output in outputs["output"].as_object().unwrap().keys() {
            let name = match output.as_str() {
                topology::API_URL => "API_URL",
                topology::API_KEY => "API_KEY",
                other => panic!("{environment}: nothing reads the output {other}"),
            };
            let read = [format!(", {name})"), format!("[{name}]")];
            assert!(read.iter().any(|it| dofs.contains(it)), "dofs does not read {name}");
        }
    }
}

/// The binaries of the workspace that are functions: their `main` starts the runtime.
fn binaries() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(repository("lambdas")).unwrap() {
        let folder = entry.unwrap().path();
        let Ok(main) = fs::read_to_string(folder.join("src/main.rs")) else { continue };
        if !main.contains("runtime::start::main") {
            continue;
        }
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        let (_, bin) = manifest.split_once("[[bin]]").unwrap();
        let (_, name) = bin.split_once("name = \"").unwrap();
        found.insert(name.split('"').next().unwrap().to_owned());
    }
    found
}

/// The binaries that contracts name.
fn contracts() -> BTreeSet<String> {
    let code = fs::read_to_string(repository("lambdas/contracts/src/functions.rs")).unwrap();
    let contracts = code.split("pub enum ").skip(1).filter_map(|it| {
        let (_, rest) = it.lines().next().unwrap().split_once(" = \"")?;
        Some(rest.split('"').next().unwrap().to_owned())
    });
    contracts.collect()
}

#[test]
fn each_contract_has_a_function_and_a_binary() {
    let contracts = contracts();
    assert!(contracts.len() >= 5, "{contracts:?}");
    assert_eq!(contracts, binaries(), "the contracts, and the binaries of lambdas");
    for environment in Environment::ALL {
        let root = Root::of(environment);
        let functions = root.resources("aws_lambda_function");
        let zips = functions.values().map(|it| it["filename"].as_str().unwrap());
        let zips =
            zips.map(|it| it.rsplit('/').next().unwrap().trim_end_matches(".zip").to_owned());
        assert_eq!(contracts, zips.collect(), "the contracts, and the zips of {environment}");
    }
}
