//! Several hosts of one PostgreSQL database, as libpq takes them: `postgres://USER@ONE,TWO:5433/NAME` with
//! `target_session_attrs=read-write`, and with `pgbouncer=true` where a pooler hands connections out by transaction. The
//! driver knows one host, and neither attribute.

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
    /// Whether a pooler in between gives a connection of the server to each transaction anew.
    pub(super) pooled: bool,
}

impl Hosts {
    /// The hosts that a URL names. A SQLite file is one.
    pub(super) fn of(url: &str) -> Result<Self, sqlx::Error> {
        let wrong = |what: &str| sqlx::Error::Configuration(what.to_owned().into());
        let one = || Self { urls: vec![url.to_owned()], read_write: false, pooled: false };
        let Some((scheme, rest)) = url.split_once("://").filter(|(scheme, _)| scheme.starts_with("postgres")) else {
            return Ok(one());
        };
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        let (user, hosts) = authority.rsplit_once('@').map_or(("", authority), |(user, hosts)| (user, hosts));
        let user = if user.is_empty() { String::new() } else { format!("{user}@") };
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut pairs: Vec<_> = query.split('&').filter(|pair| !pair.is_empty()).collect();
        let mut attribute = |name: &str| {
            let at = pairs.iter().position(|pair| pair.split_once('=').is_some_and(|(found, _)| found == name))?;
            pairs.remove(at).split_once('=').map(|(_, value)| value)
        };
        let (target, pooled) = (attribute("target_session_attrs"), attribute("pgbouncer"));
        let read_write = match target {
            // Of several, those that cannot be written are of no use to a journal.
            None => hosts.contains(','),
            Some("any") => false,
            Some("read-write" | "primary") => true,
            Some(_) => return Err(wrong("target_session_attrs is neither any, read-write nor primary")),
        };
        let pooled = match pooled {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(wrong("pgbouncer is neither true nor false")),
        };
        if pooled {
            // What was prepared in one transaction is not there in the next.
            pairs.retain(|pair| !pair.starts_with("statement-cache-capacity="));
            pairs.push("statement-cache-capacity=0");
        }
        if hosts.split(',').any(str::is_empty) && hosts.contains(',') {
            return Err(wrong("a host has no name"));
        }
        let query = if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) };
        let urls = hosts.split(',').map(|host| format!("{scheme}://{user}{host}{path}{query}")).collect();
        Ok(Self { urls, read_write, pooled })
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
            let found = Hosts::of(url).ok();
            let found = found.as_ref().map(|found| (found.urls.iter().map(String::as_str).collect(), found.read_write));
            assert_eq!(found, expect.map(|(urls, read_write)| (urls.to_vec(), read_write)), "{url}");
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
        check("postgres://one/desk?pgbouncer=yes", None);
    }

    #[test]
    fn a_pooler_by_transaction_is_named() {
        let check = |url: &str, expect: (&str, bool)| {
            let found = Hosts::of(url).unwrap();
            assert_eq!((found.urls.join(" ").as_str(), found.pooled), expect, "{url}");
        };
        check("postgres://one/desk?pgbouncer=false", ("postgres://one/desk", false));
        check("postgres://one/desk?pgbouncer=true", ("postgres://one/desk?statement-cache-capacity=0", true));
        check(
            "postgres://one/desk?statement-cache-capacity=9&pgbouncer=true&sslmode=require",
            ("postgres://one/desk?sslmode=require&statement-cache-capacity=0", true),
        );
    }
}
