//! Checks of this machine: Terraform and its provider, Python, a free port, disk space.

use std::{net::TcpListener, path::Path, time::Duration};

use infra_core::model::backend::PROVIDER_VERSION;
use terraform_cli::Terraform;

use super::{Finding, State};
use crate::{
    http::proxy,
    place::{folder, repository},
    root,
    target::Target,
};

/// The disk space for the provider (700 MB), the emulator and the builds of the functions.
const ROOM_MB: u64 = 5_000;

/// Runs the checks. With `offline`, it does not call a registry. With `on_aws`, it requires a program that can run roots on AWS.
pub(super) async fn look(target: &Target, offline: bool, on_aws: bool) -> Vec<Finding> {
    let work = folder(target.env).join("doctor");
    // The checks block: they start programs, and call a registry.
    let looked = tokio::task::spawn_blocking(move || {
        let mut found = terraform(&work, offline, on_aws);
        found.push(python());
        found.push(port());
        found.push(room(repository()));
        found
    });
    looked.await.unwrap_or_else(|err| vec![Finding::error("this machine", State::Unknown, &err)])
}

fn terraform(work: &Path, offline: bool, on_aws: bool) -> Vec<Finding> {
    let terraform = match Terraform::find(PROVIDER_VERSION, work) {
        Ok(terraform) => terraform,
        Err(err) => return vec![Finding::error("Terraform", State::Lacking, &err)],
    };
    let product = terraform.product();
    let (release, host) = (terraform.release(), product.registry());
    let release = match root::ensure_for_aws(&terraform) {
        Err(err) if on_aws => {
            let found = Finding::error(product.name(), State::Lacking, &err);
            Finding { detail: format!("{release}, but {}", found.detail), ..found }
        }
        _ => Finding::ok(product.name(), release),
    };
    let what = "AWS provider";
    let provider = if terraform.has_mirror() {
        Finding::ok(what, format!("{PROVIDER_VERSION}, on this disk"))
    } else if offline {
        let init = format!("{PROVIDER_VERSION}, which `init` downloads");
        Finding::ok(what, init)
    } else {
        let url = format!("https://{host}/.well-known/terraform.json");
        match proxy(&url).map(|it| registry(&url, it)) {
            Err(err) => Finding::error(what, State::Unknown, &err),
            Ok(Ok(())) => Finding::ok(what, format!("{PROVIDER_VERSION}, from {host}")),
            Ok(Err(err)) => Finding::lacking(
                what,
                format!(
                    "{PROVIDER_VERSION} is not on this disk, and {host} does not answer: {err}"
                ),
                format!(
                    "allow connections to {host}, or create a filesystem mirror: \
                     ~/.terraform.d/plugins/{host}/hashicorp/aws/<version>/<os_arch>/"
                ),
            ),
        }
    };
    vec![release, provider]
}

/// Calls the service discovery of a registry, which Terraform and OpenTofu do at the same path.
/// <https://developer.hashicorp.com/terraform/internals/remote-service-discovery>
fn registry(url: &str, proxy: Option<ureq::Proxy>) -> Result<(), ureq::Error> {
    let timeout = Some(Duration::from_secs(5));
    let agent: ureq::Agent =
        ureq::Agent::config_builder().timeout_global(timeout).proxy(proxy).build().into();
    agent.get(url).call().map(drop)
}

/// Checks the Python for `dofs local`.
fn python() -> Finding {
    match local_aws::emulators_python() {
        Ok(program) => Finding::ok("Python for `dofs local`", format!("`{program}`")),
        Err(err) => Finding::error("Python for `dofs local`", State::Lacking, &err),
    }
}

fn port() -> Finding {
    match TcpListener::bind("127.0.0.1:0") {
        Ok(_) => Finding::ok("ports", "127.0.0.1 has a free port"),
        Err(err) => Finding::lacking(
            "ports",
            format!("no port of 127.0.0.1 is available: {err}"),
            "allow programs to listen on 127.0.0.1, as the emulated AWS and the page do",
        ),
    }
}

fn room(at: &Path) -> Finding {
    let free = match rustix::fs::statvfs(at) {
        Ok(disk) => disk.f_bavail.saturating_mul(disk.f_frsize) / 1_000_000,
        Err(err) => return Finding::error("disk", State::Unknown, &err),
    };
    let seen = format!("{free} MB are free at {}", at.display());
    match free >= ROOM_MB {
        true => Finding::ok("disk", seen),
        false => {
            Finding::lacking("disk", seen, format!("free disk space: {ROOM_MB} MB are needed"))
        }
    }
}
