//! What several tests need.

use std::{
    fs,
    path::{Path, PathBuf},
};

use infra_gen::topology::{Bootstrap, bootstraps};
use local_aws::{Account, Emulator, Tools};

/// A fresh folder.
pub(crate) fn work(name: &str) -> PathBuf {
    let work = Path::new(env!("CARGO_TARGET_TMPDIR")).join("delivery").join(name);
    let _ = fs::remove_dir_all(&work);
    fs::create_dir_all(&work).unwrap();
    work
}

/// An emulator of its own for an account.
pub(crate) fn emulator(work: &Path, account: &Account) -> Emulator {
    let tools = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("tools");
    let tools = Tools::prepare(&tools).unwrap_or_else(|err| panic!("{err}"));
    Emulator::start(&tools, &work.join("aws"), account).unwrap_or_else(|err| panic!("{err}"))
}

/// The root of an account, by its name.
pub(crate) fn root(name: &str) -> Bootstrap {
    bootstraps().into_iter().find(|it| it.name == name).unwrap()
}

pub(crate) fn account(of: &Bootstrap) -> Account {
    Account { id: of.account.as_str().to_owned(), region: of.backend.region.to_owned() }
}
