//! A page to look at: what becomes of the orders of one system, while it happens.
//!
//! - [`serve`]: the page, on a listener of this machine. Start here.
//! - `server`: what it answers; `guard`: whom it answers at all.
//! - `look`: a [`snapshot`] of the system; [`change`]: what happened between two of them.
//! - `watch`: one look after the other, for everybody who looks at the page, and for nobody else.
//! - `work`: what becomes of changed sources, where they are watched.
//! - `page/*.{html,css,js,svg}`: the page itself, as browsers get it.

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

/// Shows the page until Ctrl-C.
///
/// # Errors
///
/// Where there is no system, or the port is taken.
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

/// A listener for [`serve`]: nobody but this machine reaches it.
///
/// # Errors
///
/// Where the port is taken.
pub async fn listen(port: u16) -> anyhow::Result<TcpListener> {
    let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    bound.map_err(|err| {
        anyhow!("cannot listen on 127.0.0.1:{port}: {err}\n  fix: choose another port with --port")
    })
}

/// Where the page of a listener is.
///
/// # Errors
///
/// Where the operating system does not know.
pub fn url(listener: &TcpListener) -> anyhow::Result<String> {
    Ok(format!("http://{}/", listener.local_addr()?))
}

/// Serves the page of a system, until it is dropped.
///
/// # Errors
///
/// Where others than this machine could reach the listener: whoever sees the page may place orders.
pub async fn serve(system: System, listener: TcpListener) -> anyhow::Result<()> {
    serve_with(system, listener, None).await
}

/// As [`serve`], and shows what becomes of changed sources.
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
