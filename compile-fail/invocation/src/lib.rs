//! The macro `invocation!`: it expands to the rustc command that compiles the calling program. It has its own crate,
//! because a crate with a procedural macro cannot export anything else.

use std::{env, ffi::OsString};

use proc_macro::TokenStream;

/// The arguments that name libraries, and those that must be the same for the libraries to be usable.
const KEPT: [&str; 4] = ["--edition", "--extern", "--target", "-L"];

/// Expands to the `compile_fail::Invocation` of the calling program: the path of its rustc, the working directory of
/// that rustc, and the arguments that name libraries.
///
/// A procedural macro runs within rustc, so the arguments of the process are those of rustc. Cargo passes the exact
/// file of every dependency there: `--extern serde=/…/libserde-0f1e2d3c4b5a6978.rlib`.
#[proc_macro]
pub fn invocation(_: TokenStream) -> TokenStream {
    let value = value().unwrap_or_else(|problem| format!("compile_error!({problem:?})"));
    value.parse().expect("`Debug` writes a string as a valid literal")
}

fn value() -> Result<String, String> {
    let rustc =
        env::current_exe().map_err(|err| format!("cannot read the path of rustc: {err}"))?;
    let workspace = env::current_dir()
        .map_err(|err| format!("cannot read the working directory of rustc: {err}"))?;
    let arguments = env::args_os().map(text).collect::<Result<Vec<_>, _>>()?;
    Ok(format!(
        "::compile_fail::Invocation {{ rustc: {:?}, workspace: {:?}, \
         package: env!(\"CARGO_MANIFEST_DIR\"), arguments: &{:?} }}",
        text(rustc.into())?,
        text(workspace.into())?,
        kept(arguments),
    ))
}

fn text(given: OsString) -> Result<String, String> {
    given.into_string().map_err(|it| format!("the argument {it:?} of rustc is not UTF-8"))
}

/// Returns the options in [`KEPT`] with their values. The value is part of the argument (`--edition=2024`,
/// `-Lnative=/lib`), or it is the next argument.
fn kept(arguments: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut arguments = arguments.into_iter();
    let mut kept = Vec::new();
    while let Some(argument) = arguments.next() {
        if KEPT.iter().any(|it| argument.starts_with(it)) {
            let value = if KEPT.contains(&argument.as_str()) { arguments.next() } else { None };
            kept.push(argument);
            kept.extend(value);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_that_name_libraries_are_kept_with_their_values() {
        let given = "rustc --crate-name ui --edition=2024 tests/ui.rs --emit=dep-info,link -C debuginfo=1 --test \
                     -L dependency=/t/deps --extern serde=/t/deps/libserde-1.rlib -L native=/t/build/ring-1/out \
                     --target x86_64-unknown-linux-gnu -Lnative=/opt --cap-lints warn";
        let expected = "--edition=2024 -L dependency=/t/deps --extern serde=/t/deps/libserde-1.rlib \
                        -L native=/t/build/ring-1/out --target x86_64-unknown-linux-gnu -Lnative=/opt";
        assert_eq!(kept(given.split(' ').map(str::to_owned)).join(" "), expected);
    }
}
