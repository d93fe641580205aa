//! The demo: a simulator in this process, and the proxy in front of it. The simulator is a crate of its own.

mod faults;

use std::{future::Future, io, net::SocketAddr};

use cloud::{AccessKey, CredentialsSource, TemplateError};
use simulator::Simulator;
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::{
    server::{Server, StartError},
    settings::{ConfigErrors, DemoArgs},
};

/// A demo that listens and does not answer yet.
#[derive(Debug)]
pub struct Demo {
    server: Server,
    simulator_address: SocketAddr,
    stop_simulator: oneshot::Sender<()>,
    simulator: JoinHandle<io::Result<()>>,
    /// Temporary folder of the journal, removed when the demo ends. The simulator forgets its desktops too, so a
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
        let database_url = format!("sqlite://{}", folder.path().join("deskbuy.sqlite").display());
        let endpoint = format!("http://{simulator_address}").parse()?;
        let settings = args.validate_with(&endpoint, &database_url)?;
        let faults = faults::router(switched, settings.guard.public_url.as_ref(), settings.orders.deadline);
        let server = Server::start_with(settings, credentials, faults).await?;
        Ok(Self { server, simulator_address, stop_simulator, simulator, _folder: folder })
    }

    /// The proxy.
    #[must_use]
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// The address of the simulator.
    #[must_use]
    pub fn simulator_address(&self) -> SocketAddr {
        self.simulator_address
    }

    /// Serves until `stop` completes.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        self.server.run(stop).await;
        // The simulator stops after the proxy, so that calls under way get their answers. Calls that hang in it are
        // cut.
        let _ = self.stop_simulator.send(());
        self.simulator.abort();
    }
}
