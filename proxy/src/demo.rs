//! The demo: a simulator in this process, and two proxies in front of it: one that anybody may use, and one where people sign
//! in and orders are approved. The simulator is a crate of its own.

mod approval;
mod faults;
mod provider;

use std::{future::Future, io, net::SocketAddr};

use cloud::{AccessKey, CredentialsSource, TemplateError};
use simulator::Simulator;
use tempfile::TempDir;
use tokio::{join, net::TcpListener, select, sync::oneshot, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{
    server::{Listeners, Server, StartError, bind, page_link},
    settings::{ConfigErrors, DemoArgs},
    signin::SignInError,
};
use provider::Provider;

/// A demo that listens and does not answer yet.
#[derive(Debug)]
pub struct Demo {
    server: Server,
    /// Where people sign in.
    approval: Server,
    simulator_address: SocketAddr,
    stop_simulator: oneshot::Sender<()>,
    simulator: JoinHandle<io::Result<()>>,
    /// Temporary folder of the journals, removed when the demo ends. The simulator forgets its desktops too, so a
    /// journal that outlives it would list desktops that do not exist.
    _folder: TempDir,
}

/// The demo cannot start.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The settings are wrong.
    #[error(transparent)]
    ConfigErrors(#[from] ConfigErrors),
    /// The simulator cannot listen.
    #[error("cannot listen on {0} (--simulator-listen, DESKBUY_SIMULATOR_LISTEN): {1}")]
    Listen(SocketAddr, io::Error),
    /// The proxy would not call the simulator's address.
    #[error("the simulator's address (--simulator-listen, DESKBUY_SIMULATOR_LISTEN) {0}")]
    Address(#[from] TemplateError),
    /// There is no temporary folder for the journal.
    #[error("cannot create a temporary folder for the journal: {0}")]
    Folder(io::Error),
    /// The proxy cannot start.
    #[error(transparent)]
    Proxy(#[from] StartError),
}

impl Demo {
    /// Starts the simulator, and the proxy with the simulator's key.
    pub async fn start(args: &DemoArgs) -> Result<Self, DemoError> {
        let settings = args.validate()?;
        let failed = |error| DemoError::Listen(settings.listen, error);
        let listener = TcpListener::bind(settings.listen).await.map_err(failed)?;
        let simulator_address = listener.local_addr().map_err(failed)?;

        let credentials = CredentialsSource::Fixed(AccessKey {
            access_key_id: settings.config.access_key_id.as_str().into(),
            access_key_secret: settings.config.access_key_secret.as_str().into(),
            security_token: settings.config.sts_token.as_deref().map(Into::into),
        });
        let (stop_simulator, stopped) = oneshot::channel::<()>();
        let simulator = Simulator::new(settings.config);
        let switched = simulator.clone();
        let simulator = tokio::spawn(async move {
            // A dropped sender means the same.
            simulator.serve(listener, async { drop(stopped.await) }).await
        });

        let folder = tempfile::Builder::new().prefix("deskbuy-demo-").tempdir().map_err(DemoError::Folder)?;
        let journal = |name: &str| format!("sqlite://{}", folder.path().join(name).display());
        let endpoint = format!("http://{simulator_address}").parse()?;
        let settings = args.validate_with(&endpoint, &journal("deskbuy.sqlite"))?;
        let listen = args.validate_approval()?;

        // All listeners before the first proxy: each page leads to the one with sign-in.
        let listeners = Listeners::bind(&settings.listen).await?;
        let page = bind(listen.page, "--approval-listen, DESKBUY_APPROVAL_LISTEN").await?;
        let admin = bind(listen.admin, "the admin listener of --approval-listen").await?;
        let address = page.local_addr().map_err(StartError::Address)?;
        let link = page_link(address);
        let faults =
            |page: Option<&Url>| faults::router(switched.clone(), page, settings.orders.deadline, link.clone());

        let address = Url::parse(&format!("http://{address}")).map_err(SignInError::from).map_err(StartError::from)?;
        let provider = Provider::new(&address).map_err(StartError::from)?;
        let for_approval = approval::settings(settings.clone(), listen, journal("approval.sqlite"), &provider);
        let further = faults(None).merge(provider.router());
        let approval = Listeners { page, admin };
        let approval = Server::start_on(approval, for_approval, credentials.clone(), further).await?;
        let further = faults(settings.guard.public_url.as_ref());
        let server = Server::start_on(listeners, settings, credentials, further).await?;
        Ok(Self { server, approval, simulator_address, stop_simulator, simulator, _folder: folder })
    }

    /// The proxy that anybody may use.
    #[must_use]
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// The proxy where people sign in.
    #[must_use]
    pub fn approval(&self) -> &Server {
        &self.approval
    }

    /// The address of the simulator.
    #[must_use]
    pub fn simulator_address(&self) -> SocketAddr {
        self.simulator_address
    }

    /// Serves until `stop` completes.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let stopping = CancellationToken::new();
        // Whatever ends first, all of it ends.
        let waiting = async {
            select! {
                () = stop => stopping.cancel(),
                () = stopping.cancelled() => {}
            }
        };
        let serving = async |server: Server| {
            server.run(stopping.cancelled()).await;
            stopping.cancel();
        };
        join!(waiting, serving(self.server), serving(self.approval));
        // The simulator stops after the proxies, so that calls under way get their answers. Calls that hang in it are
        // cut.
        let _ = self.stop_simulator.send(());
        self.simulator.abort();
    }
}
