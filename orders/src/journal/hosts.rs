//! Several hosts of one PostgreSQL database, as libpq takes them: `postgres://USER@ONE,TWO:5433/NAME` with
//! `target_session_attrs=read-write`. The driver knows one host, so this chooses it.

use std::{str::FromStr, time::Duration};

use sqlx::{AnyConnection, Connection, Row, any::AnyConnectOptions};
use tokio::time::timeout;

/// Timeout for trying a host.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(4);

/// The addresses of one database, in the order in which they are tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hosts {
    urls: Vec<String>,
    /// Whether only a server counts that can be written: the one that the others copy.
    pub(super) read_write: bool,
}

impl Hosts {
    /// The hosts that a URL names. A SQLite file is one.
    pub(super) fn of(url: &str) -> Result<Self, sqlx::Error> {
        let wrong = |what: &str| sqlx::Error::Configuration(what.to_owned().into());
        let one = || Self { urls: vec![url.to_owned()], read_write: false };
        let Some((scheme, rest)) = url.split_once("://").filter(|(scheme, _)| scheme.starts_with("postgres")) else {
            return Ok(one());
        };
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        let (user, hosts) = authority.rsplit_once('@').map_or(("", authority), |(user, hosts)| (user, hosts));
        let user = if user.is_empty() { String::new() } else { format!("{user}@") };
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (attributes, others): (Vec<_>, Vec<_>) = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .partition(|pair| pair.starts_with("target_session_attrs="));
        let read_write = match attributes.first().and_then(|pair| pair.split_once('=')) {
            // Of several, those that cannot be written are of no use to a journal.
            None => hosts.contains(','),
            Some((_, "any")) => false,
            Some((_, "read-write" | "primary")) => true,
            Some(_) => return Err(wrong("target_session_attrs is neither any, read-write nor primary")),
        };
        if hosts.split(',').any(str::is_empty) && hosts.contains(',') {
            return Err(wrong("a host has no name"));
        }
        let query = if others.is_empty() { String::new() } else { format!("?{}", others.join("&")) };
        let urls = hosts.split(',').map(|host| format!("{scheme}://{user}{host}{path}{query}")).collect();
        Ok(Self { urls, read_write })
    }

    /// Whether there is another host to turn to.
    pub(super) fn are_several(&self) -> bool {
        self.urls.len() > 1
    }

    /// The first host that can be connected to and, where it has to, be written. The error is that of the last one: a
    /// pool would only say that no connection was there in time.
    pub(super) async fn first(&self) -> Result<AnyConnectOptions, sqlx::Error> {
        let mut last = sqlx::Error::PoolTimedOut;
        for url in &self.urls {
            let options = AnyConnectOptions::from_str(url)?;
            let tried = async {
                let mut connection = AnyConnection::connect_with(&options).await?;
                let fits = !self.read_write || is_writable(&mut connection).await?;
                connection.close().await?;
                if fits { Ok(()) } else { Err(read_only()) }
            };
            match timeout(CONNECT_TIMEOUT, tried).await {
                Ok(Ok(())) => return Ok(options),
                Ok(Err(error)) => last = error,
                Err(_) => last = sqlx::Error::PoolTimedOut,
            }
        }
        Err(last)
    }
}

/// Whether the server can be written, and not only read as a standby can.
pub(super) async fn is_writable(connection: &mut AnyConnection) -> Result<bool, sqlx::Error> {
    // Not prepared, since it is asked each time a connection is taken.
    let row = sqlx::raw_sql("SELECT current_setting('transaction_read_only')").fetch_one(connection).await?;
    Ok(row.try_get::<String, _>(0)? == "off")
}

/// Like a connection that is refused: another server may take over soon.
pub(super) fn read_only() -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::other("no server of the database can be written: each is read-only"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_a_url() {
        let check = |url: &str, expect: Option<(&[&str], bool)>| {
            let expect = expect
                .map(|(urls, read_write)| Hosts { urls: urls.iter().map(|&url| url.to_owned()).collect(), read_write });
            assert_eq!(Hosts::of(url).ok(), expect, "{url}");
        };
        check("sqlite:///var/a,b.sqlite", Some((&["sqlite:///var/a,b.sqlite"], false)));
        check("postgres://me:p@db/desk", Some((&["postgres://me:p@db/desk"], false)));
        check(
            "postgres://me:p%2C@one,two:5433/desk?sslmode=require&target_session_attrs=read-write",
            Some((
                &["postgres://me:p%2C@one/desk?sslmode=require", "postgres://me:p%2C@two:5433/desk?sslmode=require"],
                true,
            )),
        );
        check(
            "postgresql://one,two?target_session_attrs=any",
            Some((&["postgresql://one", "postgresql://two"], false)),
        );
        check("postgres://one,two/desk", Some((&["postgres://one/desk", "postgres://two/desk"], true)));
        check("postgres://one,/desk", None);
        check("postgres://one/desk?target_session_attrs=standby", None);
    }
}
