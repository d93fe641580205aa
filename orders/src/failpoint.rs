//! Failpoints: named places at which a test can end the process as `kill -9` would, between any two steps of an order.
//! A signal from outside would not hit them reliably. They exist only in builds with the feature `failpoints`.

/// Ends the process if `DESKBUY_FAILPOINT=NAME:N` names this point and it is passed for the N-th time.
#[cfg(feature = "failpoints")]
pub(crate) fn hit(name: &str) {
    if is_due(name) {
        // No unwinding and no handlers: whatever is not on disk is lost.
        std::process::abort();
    }
}

#[cfg(not(feature = "failpoints"))]
pub(crate) fn hit(_: &str) {}

/// Runs a call; if this point is due, ends the process a few milliseconds into it.
#[cfg(feature = "failpoints")]
pub(crate) async fn during<T>(name: &str, call: impl Future<Output = T>) -> T {
    if !is_due(name) {
        return call.await;
    }
    // Long enough for a local upstream to receive it, short enough to end before some of its answers.
    let moment = std::time::Duration::from_micros(fastrand::u64(200..6_000));
    drop(tokio::time::timeout(moment, call).await);
    std::process::abort()
}

#[cfg(not(feature = "failpoints"))]
pub(crate) async fn during<T>(_: &str, call: impl Future<Output = T>) -> T {
    call.await
}

#[cfg(feature = "failpoints")]
fn is_due(name: &str) -> bool {
    use std::sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    };
    static POINT: OnceLock<Option<(String, u64)>> = OnceLock::new();
    static PASSED: AtomicU64 = AtomicU64::new(0);
    let point = POINT.get_or_init(|| {
        let text = std::env::var("DESKBUY_FAILPOINT").ok()?;
        let (name, number) = text.split_once(':')?;
        Some((name.to_owned(), number.parse().ok()?))
    });
    point.as_ref().is_some_and(|(due, number)| due == name && PASSED.fetch_add(1, Ordering::SeqCst) + 1 == *number)
}
