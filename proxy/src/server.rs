//! The server: assembles the proxy's parts, listens, and stops gracefully. The routes are in `http`.

mod connections;
mod starting;
mod unread;

use std::{fs::File, future::Future, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use cloud::{Client, CredentialsSource, StockTables};
use orders::{Journal, JournalError, NotificationEvent, Opening, OrderSettings, Orders};
use tokio::{
    net::TcpListener,
    sync::watch,
    time::{Instant, sleep, sleep_until, timeout_at},
};
use tokio_util::{
    sync::CancellationToken,
    task::{AbortOnDropHandle, TaskTracker},
};
use tracing::{error, info, warn};

use starting::Waiting;

use crate::{
    admin,
    http::{self, App, Guard},
    metrics::Metrics,
    notifications::{NotificationSettings, Target},
    settings::{Listen, Settings},
    signin::{EndedSessions, SignInError},
};

/// A proxy that serves.
#[derive(Debug)]
pub struct Server {
    page: Listening,
    admin: Listening,
    orders: Orders,
    /// The shared lock that shows other proxies on the same database that this one runs.
    presence: Option<File>,
    tasks: TaskTracker,
    stopping: CancellationToken,
    drain: Duration,
}

/// The listeners of a proxy that has not started.
#[derive(Debug)]
pub(crate) struct Listeners {
    pub(crate) page: TcpListener,
    pub(crate) admin: TcpListener,
}

/// A listener that is served, from the start by a router that says what is waited for.
#[derive(Debug)]
struct Listening {
    address: SocketAddr,
    /// What connections are given from now on.
    router: watch::Sender<Router>,
    serving: AbortOnDropHandle<()>,
}

/// Why the proxy cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An address cannot be listened on.
    #[error("cannot listen on {address} ({flag}): {error}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The flag that sets it.
        flag: &'static str,
        /// Why.
        error: io::Error,
    },
    /// A listener does not say where it listens.
    #[error("a listener has no address: {0}")]
    Address(io::Error),
    /// The journal cannot be opened.
    #[error("cannot open the journal (--database-url, DESKBUY_DATABASE_URL): {cause}: {0}", cause = .0.cause())]
    Journal(#[from] JournalError),
    /// Sign-in cannot be offered.
    #[error("cannot offer sign-in: {0}")]
    SignIn(#[from] SignInError),
    /// An origin is not one that browsers send.
    #[error("cannot let pages call (--page-origins, DESKBUY_PAGE_ORIGINS): {0}")]
    Origins(#[from] tower_http::csrf::ConfigError),
    /// The client cannot be made.
    #[error(transparent)]
    Client(#[from] cloud::StartError),
}

impl Server {
    /// Binds the listeners, opens the journal, and takes over unfinished orders.
    pub async fn start(settings: Settings, credentials: CredentialsSource) -> Result<Self, StartError> {
        // Binding comes first, so that a second proxy started accidentally does not touch the first one's orders.
        let listeners = Listeners::bind(&settings.listen).await?;
        Self::start_on(listeners, settings, credentials, Router::new()).await
    }

    /// The same on listeners that are bound, with further routes beside the page's.
    pub(crate) async fn start_on(
        Listeners { page, admin }: Listeners,
        settings: Settings,
        credentials: CredentialsSource,
        further: Router,
    ) -> Result<Self, StartError> {
        let listen = settings.listen;
        let (tasks, stopping, waiting) = (TaskTracker::new(), CancellationToken::new(), Waiting::default());
        // Both answer from here on, whatever is waited for. The admin listener serves to the very end.
        let most = connections::limit();
        let page = Listening::start(page, starting::page(&waiting), listen.header_timeout, stopping.clone(), most)?;
        let never = CancellationToken::new();
        let admin = Listening::start(admin, starting::admin(&waiting), listen.header_timeout, never, None)?;

        let prices = Arc::new(settings.prices);
        let journal = journal(&settings.orders, &waiting).await?;
        let presence = journal.hold_presence().await?;
        let metrics = Metrics::new();
        let upstream = Arc::new(Client::new(settings.client, credentials.clone(), Arc::new(metrics.clone()))?);
        let NotificationSettings { targets, expiring_days, delivery, page: link } = settings.notifications;
        // Before the first order goes on, so that no event of it is missed.
        let told: Vec<_> = targets.iter().map(|target| (target.name.clone(), target.events.clone())).collect();
        journal.set_notification_targets(&told).await?;
        // Prices of an example are not real, so they are not stored.
        let orders =
            Orders::start(journal.clone(), Arc::clone(&upstream), &settings.orders, tasks.clone(), stopping.clone())
                .await?
                .with_prices(if prices.example && !settings.demo { Arc::default() } else { Arc::clone(&prices) });
        let is_told = told.iter().any(|(_, events)| events.contains(&NotificationEvent::Expiring));
        orders.remind(if is_told { expiring_days } else { Vec::new() });
        for target in targets {
            orders.deliver_to(Target::new(target, link.clone(), settings.guard.limits.fields.clone())?, delivery);
        }
        if let Some(fault) = settings.page.fault() {
            warn!("{}", fault.trim_end());
        }
        if settings.sign_in.is_none() && settings.guard.has_names() && !settings.demo {
            // A proxy in front may authenticate people itself, which is not visible here.
            warn!("nobody has to sign in, and other machines can reach the proxy: every caller can buy");
        }
        let ended = settings.sign_in.is_some().then(|| EndedSessions::new(journal.clone()));
        if let Some(ended) = &ended {
            // Before the first request, so that no ended session is taken for one that goes on.
            ended.poll().await?;
        }
        let guard = Arc::new(Guard::new(settings.guard, settings.sign_in, page.address, ended)?);
        tokio::spawn(Guard::keep_api_tokens(Arc::downgrade(&guard)));
        tokio::spawn(Guard::keep_ended_sessions(Arc::downgrade(&guard)));
        let app = App {
            guard: Arc::clone(&guard),
            stock: Arc::new(StockTables::new(Arc::clone(&upstream), settings.stock)),
            upstream,
            orders: orders.clone(),
            regions: settings.regions.into(),
            prices,
            exports: http::Exports::default(),
            demo: settings.demo,
            tasks: tasks.clone(),
            metrics: metrics.clone(),
        };
        let _ = page.router.send_replace(http::router(app, settings.page, further)?);
        let _ = admin.router.send_replace(admin::router(orders.clone(), credentials, metrics, stopping.clone()));
        // Once the page answers: the provider of the demo is on its listener.
        tokio::spawn(Guard::keep_provider_fresh(Arc::downgrade(&guard)));
        Ok(Self { page, admin, orders, presence, tasks, stopping, drain: listen.drain })
    }

    /// The address of the page.
    #[must_use]
    pub fn page_address(&self) -> SocketAddr {
        self.page.address
    }

    /// The link to the page, with the parameters of the product's own links (document 1.1).
    #[must_use]
    pub fn page_link(&self) -> String {
        page_link(self.page.address)
    }

    /// The address of `/live`, `/ready` and `/metrics`.
    #[must_use]
    pub fn admin_address(&self) -> SocketAddr {
        self.admin.address
    }

    /// Serves until `stop` completes, and then until everything under way has finished or the drain time is over.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let Self { page, admin, orders, presence, tasks, stopping, drain } = self;
        let mut page = page.serving;
        tokio::select! {
            () = stop => {}
            // It serves until `stopping`, so an earlier end is a bug.
            _ = &mut page => error!("the page listener ended unexpectedly"),
        }
        info!("stopping: no new connections, draining requests and orders");
        stopping.cancel();
        let deadline = Instant::now() + drain;
        if timeout_at(deadline, page).await.is_err() {
            warn!("the drain time is over: closing the remaining connections");
        }
        tasks.close();
        tokio::select! {
            () = tasks.wait() => orders.release_leases().await,
            () = sleep_until(deadline) => warn!("the drain time is over: unfinished orders are taken over at the next start"),
        }
        orders.close().await;
        drop(presence);
        drop(admin);
        info!("stopped");
    }
}

impl Listeners {
    /// Binds those of the settings.
    pub(crate) async fn bind(listen: &Listen) -> Result<Self, StartError> {
        let page = bind(listen.page, "--listen, DESKBUY_LISTEN").await?;
        let admin = bind(listen.admin, "--admin-listen, DESKBUY_ADMIN_LISTEN").await?;
        Ok(Self { page, admin })
    }
}

impl Listening {
    fn start(
        listener: TcpListener,
        router: Router,
        header_timeout: Duration,
        stop: CancellationToken,
        most: Option<usize>,
    ) -> Result<Self, StartError> {
        let address = listener.local_addr().map_err(StartError::Address)?;
        let (router, routers) = watch::channel(router);
        let serving = tokio::spawn(connections::serve(listener, routers, header_timeout, stop, most));
        Ok(Self { address, router, serving: AbortOnDropHandle::new(serving) })
    }
}

/// Opens the journal, and waits for a database that is not there yet.
async fn journal(settings: &OrderSettings, waiting: &Waiting) -> Result<Journal, JournalError> {
    const FIRST_PAUSE: Duration = Duration::from_millis(500);
    const LONGEST_PAUSE: Duration = Duration::from_secs(10);
    let (mut pause, mut is_waiting) = (FIRST_PAUSE, false);
    loop {
        let OrderSettings { database_url, lease, database_connections, .. } = settings;
        match Journal::open_as(database_url, *lease, Opening::Migrate, *database_connections).await {
            Ok(journal) => {
                if is_waiting {
                    info!(database = journal.place(), "the database is available");
                }
                return Ok(journal);
            }
            Err(error) if error.may_pass() => {
                waiting.tell(format!("waiting for the database: {}", error.cause()));
                // The first time, and then now and then.
                if !is_waiting || pause == LONGEST_PAUSE {
                    warn!(%error, cause = error.cause(), "waiting for the database (--database-url, DESKBUY_DATABASE_URL)");
                }
                is_waiting = true;
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            Err(error) => return Err(error),
        }
    }
}

/// The link to a page at this address.
pub(crate) fn page_link(address: SocketAddr) -> String {
    format!("http://{address}/?commodityCode=CloudDesktopPost&request={{%22region%22:%22cn-hangzhou%22}}#/buy")
}

/// Binds a listener. The flag is what an error names.
pub(crate) async fn bind(address: SocketAddr, flag: &'static str) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|error| StartError::Listen { address, flag, error })
}
