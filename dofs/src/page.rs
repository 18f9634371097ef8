//! `dofs page`: serves a web page that shows the orders of one system live.
//!
//! - [`serve`]: serves the page on this machine. Start here.
//! - `server`: the routes; `guard`: refuses requests from other pages.
//! - `look`: takes a [`snapshot`] of the system; [`change`]: finds the events between two snapshots.
//! - `watch`: takes snapshots as long as a browser listens, for all browsers together.
//! - `work`: the progress of changed sources, with `dofs local up --watch`.
//! - `page/*.{html,css,js,svg}`: the files of the page.

pub mod change;
mod count;
mod details;
mod files;
mod guard;
mod item;
mod look;
pub mod route;
mod server;
pub mod snapshot;
mod watch;
mod work;

pub use work::{Stage, Work};

use std::{net::Ipv4Addr, process::ExitCode, sync::Arc};

use anyhow::{anyhow, ensure};
use clap::Args;
use serde_json::json;
use tokio::{net::TcpListener, sync::watch::Receiver};

use crate::{system::System, target::Target, tell::tell};

/// The options of `dofs page`.
#[derive(Debug, Args)]
pub struct Options {
    /// Listen on this port of 127.0.0.1. 0 chooses a free port.
    #[arg(long, default_value_t = 0)]
    pub port: u16,
}

/// Serves the page until Ctrl-C.
///
/// # Errors
///
/// If there is no system, or the port is taken.
pub async fn run(options: &Options, target: &Target) -> anyhow::Result<ExitCode> {
    let system = System::find(target).await?;
    let listener = listen(options.port).await?;
    let url = url(&listener)?;
    let text = format!("The page of {} is at {url}\n\nStop it with Ctrl-C.", system.environment);
    tell(target, &text, &json!({ "page_url": url }))?;
    tokio::select! {
        served = serve(system, listener) => served?,
        ended = tokio::signal::ctrl_c() => ended?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns a listener for [`serve`], which only this machine can reach.
///
/// # Errors
///
/// If the port is taken.
pub async fn listen(port: u16) -> anyhow::Result<TcpListener> {
    let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    bound.map_err(|err| {
        anyhow!("cannot listen on 127.0.0.1:{port}: {err}\n  fix: choose another port with --port")
    })
}

/// Returns the URL of a listener's page.
///
/// # Errors
///
/// If the operating system does not report the address.
pub fn url(listener: &TcpListener) -> anyhow::Result<String> {
    Ok(format!("http://{}/", listener.local_addr()?))
}

/// Serves the page of a system, until the future is dropped.
///
/// # Errors
///
/// If other machines can reach the listener, because everybody who sees the page may place orders.
pub async fn serve(system: System, listener: TcpListener) -> anyhow::Result<()> {
    serve_with(system, listener, None).await
}

/// As [`serve`], and shows the progress of changed sources.
///
/// # Errors
///
/// As [`serve`].
pub async fn serve_with(
    system: System,
    listener: TcpListener,
    work: Option<Receiver<Work>>,
) -> anyhow::Result<()> {
    let address = listener.local_addr()?;
    ensure!(
        address.ip().is_loopback(),
        "other machines can reach {address}\n  fix: listen on 127.0.0.1"
    );
    let watch = Arc::new(watch::Watch::default());
    let look = look::Look::at(system.clone());
    let router = server::router(system, watch.clone(), work, address.port());
    tokio::select! {
        served = axum::serve(listener, router) => served?,
        () = watch.run(look) => {}
    }
    Ok(())
}
