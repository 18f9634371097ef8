//! DOFS as cells: the same topology several times in one root.

use std::collections::BTreeSet;

use infra_core::{check, generate};
use infra_gen::{config::Environment, topology};

#[test]
fn cells_share_no_name_and_break_no_rule() {
    let one = topology::dofs(Environment::Dev);
    let cells = topology::cells(Environment::Dev, &["c0", "c1"]);
    assert_eq!(check::stack(&cells), []);
    assert_eq!(cells.nodes().count(), 2 * one.nodes().count());
    let generated = generate::root(&cells, "cells", None);
    assert_eq!(generated.violations, []);
    assert_eq!(generated.modules, 12);

    // A cell equals the single stack with other names, except for the hash of the API, which includes the names.
    let but_hash = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|it| !it.trim_start().starts_with("\"definition\": \""));
        lines.map(str::to_owned).collect()
    };
    let mut of_one = generate::root(&one, "cells", None).files;
    let in_cell = |text: &str| text.replace("_c1", "").replace("-c1", "");
    let mut paths = BTreeSet::new();
    for (path, text) in &generated.files {
        if let Some(of_one) = path.contains("_c1/").then(|| of_one.remove(&in_cell(path))) {
            assert_eq!(but_hash(&of_one.unwrap()), but_hash(&in_cell(text)), "{path}");
            paths.insert(path);
        }
    }
    assert!(paths.len() >= 18 && of_one.keys().all(|it| !it.contains("/modules/")));
}
