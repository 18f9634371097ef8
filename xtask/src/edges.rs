//! Checks that the crates of the workspace depend on each other in one direction: the engine in `crates/` knows no product.

use crate::workspace::{Package, Workspace};

/// The crates below `crates/`, and the other crates below `crates/` that each of them may use.
const ENGINE: [(&str, &[&str]); 7] = [
    ("asl", &["integrations"]),
    ("function-contract", &[]),
    ("infra-core", &["function-contract", "integrations"]),
    ("infra-review", &["infra-core", "terminal"]),
    ("integrations", &[]),
    ("terminal", &[]),
    ("terraform-cli", &[]),
];

/// The crates of the product that infra-gen may use: it describes their infrastructure, and does not run them.
const BELOW_INFRA_GEN: [&str; 1] = ["contracts"];

/// The packages of the workspace that a package depends on, in its code and in its tests.
fn uses<'w>(workspace: &'w Workspace, package: &'w Package) -> impl Iterator<Item = &'w Package> {
    let folders = package.dependencies.iter().filter_map(|it| it.path.as_deref());
    folders.filter_map(|folder| workspace.packages.iter().find(|it| it.folder() == folder))
}

/// Every dependency that goes in a wrong direction: who, and on what.
fn wrong(workspace: &Workspace) -> Vec<(&str, &str)> {
    let below = |it: &Package, folder: &str| it.folder().starts_with(workspace.root.join(folder));
    let mut wrong = Vec::new();
    for package in &workspace.packages {
        let engine = ENGINE.iter().find(|it| it.0 == package.name);
        for on in uses(workspace, package) {
            let is_fine = match engine {
                Some((_, may)) => may.contains(&on.name.as_str()),
                None if below(package, "crates") => false,
                // A function does not know the generator.
                None if below(package, "lambdas") => {
                    below(on, "lambdas") || below(on, "crates") || !below(on, "infra-gen")
                }
                None if package.name == "infra-gen" => {
                    below(on, "crates")
                        || BELOW_INFRA_GEN.contains(&on.name.as_str())
                        || !below(on, "lambdas")
                }
                None if package.name == "thumbnails" => below(on, "crates"),
                None => true,
            };
            if !is_fine {
                wrong.push((package.name.as_str(), on.name.as_str()));
            }
        }
    }
    wrong
}

#[test]
fn dependencies_go_one_way() {
    let mut workspace = Workspace::here().unwrap();
    assert_eq!(wrong(&workspace), []);
    for (name, may) in ENGINE {
        let package = workspace.packages.iter().find(|it| it.name == name).unwrap();
        let used: Vec<_> = uses(&workspace, package).map(|it| it.name.as_str()).collect();
        assert!(may.iter().all(|it| used.contains(it)), "{name} does not use all of {may:?}");
    }
    // A wrong edge is found: the engine uses the contracts of DOFS, a function the generator.
    let add = |workspace: &mut Workspace, from: &str, to: &str| {
        let folder =
            workspace.packages.iter().find(|it| it.name == to).unwrap().folder().to_owned();
        let package = workspace.packages.iter_mut().find(|it| it.name == from).unwrap();
        let mut dependency = package.dependencies[0].clone();
        dependency.path = Some(folder);
        package.dependencies.push(dependency);
    };
    add(&mut workspace, "infra-core", "contracts");
    add(&mut workspace, "validator", "infra-gen");
    add(&mut workspace, "infra-gen", "runtime");
    let found = wrong(&workspace);
    for edge in [("infra-core", "contracts"), ("validator", "infra-gen"), ("infra-gen", "runtime")]
    {
        assert!(found.contains(&edge), "{edge:?} is not in {found:?}");
    }
}
