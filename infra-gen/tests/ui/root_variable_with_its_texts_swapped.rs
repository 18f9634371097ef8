//! The default of a variable in the place of its description.

use infra_core::model::expr::RootVariable;

const PACKAGES: RootVariable = RootVariable::new("package_dir", "zips", "The folder of the zips.");

fn main() {}
