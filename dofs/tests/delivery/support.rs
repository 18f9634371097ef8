//! Shared parts of the tests.

use std::{
    fs,
    path::{Path, PathBuf},
};

use infra_core::model::backend::PROVIDER_VERSION;
use infra_gen::topology::{Bootstrap, bootstraps};
use local_aws::{Account, Emulator, Faithfulness, Session, Tools, Variables};
use terraform_cli::{Provider, Terraform};

/// A fresh folder.
pub(crate) fn work(name: &str) -> PathBuf {
    let work = Path::new(env!("CARGO_TARGET_TMPDIR")).join("delivery").join(name);
    let _ = fs::remove_dir_all(&work);
    fs::create_dir_all(&work).unwrap();
    work
}

/// Starts an emulator for an account, which evaluates IAM.
pub(crate) fn emulator(work: &Path, account: &Account) -> Emulator {
    let tools = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("tools");
    let tools = Tools::prepare(&tools).unwrap_or_else(|err| panic!("{err}"));
    Emulator::start_with(&tools, &work.join("aws"), account, Faithfulness::Enforced)
        .unwrap_or_else(|err| panic!("{err}"))
}

/// Variables with which Terraform and `dofs` call as an administrator of an account. The emulator evaluates the permissions of
/// an administrator, unlike those of the root user.
pub(crate) fn administrator(emulator: &Emulator, account: &Account) -> Variables {
    let session = emulator.administrator(account).unwrap_or_else(|err| panic!("{err}"));
    let Session { key, secret, token } = session;
    let own = [
        ("AWS_ACCESS_KEY_ID", key),
        ("AWS_SECRET_ACCESS_KEY", secret),
        ("AWS_SESSION_TOKEN", token),
    ];
    let mut variables = emulator.environment(account);
    variables.retain(|it| own.iter().all(|own| own.0 != it.0));
    variables.extend(own.map(|(name, value)| (name, Some(value))));
    variables
}

/// Starts a provider with these variables, which several runs of Terraform share.
pub(crate) fn provider(work: &Path, variables: &Variables) -> Provider {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("plugin-cache");
    let terraform = Terraform::find(PROVIDER_VERSION, work)
        .and_then(|it| it.with_plugin_cache(&cache))
        .unwrap_or_else(|err| panic!("{err}"))
        .with_environment(variables.clone());
    let provider = terraform.start_provider(work).unwrap_or_else(|err| panic!("{err}"));
    provider.expect("the provider is in the plugin cache")
}

/// The root of an account, by its name.
pub(crate) fn root(name: &str) -> Bootstrap {
    bootstraps().into_iter().find(|it| it.name == name).unwrap()
}

pub(crate) fn account(of: &Bootstrap) -> Account {
    Account { id: of.account.as_str().to_owned(), region: of.backend.region.to_owned() }
}

pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Copies a root without Terraform's own files.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        match path.is_dir() {
            _ if entry.file_name() == ".terraform" => (),
            true => copy(&path, &target),
            false => drop(fs::copy(&path, &target).unwrap()),
        }
    }
}

/// Whether an object exists.
pub(crate) fn is_in_bucket(
    emulator: &Emulator,
    account: &Account,
    bucket: &str,
    key: &str,
) -> bool {
    get(emulator, account, bucket, key).is_some()
}

/// Reads an object as text.
pub(crate) fn get(
    emulator: &Emulator,
    account: &Account,
    bucket: &str,
    key: &str,
) -> Option<String> {
    let url = format!("{}/{bucket}/{key}", emulator.endpoint());
    let answer = ureq::get(url).header("Authorization", credential(account)).call();
    answer.ok()?.body_mut().read_to_string().ok()
}

/// Writes an object.
pub(crate) fn put(emulator: &Emulator, account: &Account, bucket: &str, key: &str, text: &str) {
    let url = format!("{}/{bucket}/{key}", emulator.endpoint());
    ureq::put(url).header("Authorization", credential(account)).send(text).unwrap();
}

/// Calls IAM with a form.
pub(crate) fn ask_iam(emulator: &Emulator, account: &Account, form: &str) {
    let authorization = credential(account).replace("/s3/", "/iam/");
    ureq::post(emulator.endpoint())
        .header("Authorization", authorization)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .send(form)
        .unwrap();
}

fn credential(account: &Account) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential={}/20250101/{}/s3/aws4_request, SignedHeaders=host, \
         Signature=none",
        account.id, account.region
    )
}
