//! How often the upstream is asked and how long a call takes, by class, for kinds of answers that no scenario gives: other
//! words for throttling, codes that nobody knows, timeouts of gateways, refusals in disguise.

use std::ops::RangeInclusive;

use shared::{Action, Code, actions::DescribeZones};
use simulator::ScriptedAnswer;
use tokio::time::Instant;

use super::{
    Cloud, hangzhou,
    retries::{AT_ONCE, Expect, TWO_PAUSES, bad, purchase_of_one, user_of_one},
};

/// What an answer comes to that no scenario gives: for a read, a purchase, and a write without a token.
async fn check_answer(status: u16, body: &str, [read, purchase, new_user]: [Expect; 3]) {
    async fn check<A: Action>(status: u16, body: &str, request: A, expect: Expect) {
        let cloud = Cloud::with(&[]);
        cloud.simulator.set_answers(vec![ScriptedAnswer { status, ..ScriptedAnswer::to(A::NAME, body) }]);
        let began = Instant::now();
        let result = cloud.upstream.call(&hangzhou(), &request).await;
        let took = u64::try_from(began.elapsed().as_millis()).unwrap();
        let answer = format!("{} {status} {body}", A::NAME);
        assert_eq!(result.err().map(|error| error.code), expect.code, "{answer}");
        assert_eq!(cloud.calls::<A>(), expect.calls, "{answer}");
        let takes = *expect.takes.start()..=expect.takes.end() + expect.calls;
        assert!(takes.contains(&took), "{answer} took {took}, not {takes:?}");
    }
    check(status, body, DescribeZones::default(), read).await;
    check(status, body, purchase_of_one(), purchase).await;
    check(status, body, user_of_one(), new_user).await;
}

/// However a throttling is worded, a read is asked three times, half a second apart, and a write is left to its caller.
#[tokio::test(start_paused = true)]
async fn throttled_in_any_words() {
    const PACED: RangeInclusive<u64> = 500..=1500;
    let expect = || {
        let once = || bad(1, Code::Throttled, AT_ONCE);
        [bad(3, Code::Throttled, PACED), once(), once()]
    };
    for code in [
        "Throttling",
        "Throttling.Api",
        "Rejected.Throttling",
        "ServiceBusy",
        "SystemBusy",
        "FlowControl",
        "QpsLimitExceeded",
        "TooManyRequests",
        "RequestLimitExceeded",
        "429",
    ] {
        check_answer(400, &format!(r#"{{"Code":"{code}"}}"#), expect()).await;
        check_answer(200, &format!(r#"{{"Data":{{"ErrorCode":"{code}"}}}}"#), expect()).await;
    }
    for body in ["", "<html>", "{}", r#"{"Code":"InvalidParameter"}"#] {
        check_answer(429, body, expect()).await;
    }
}

/// A code that no rule knows is final for a read, which did nothing; what became of a write nobody knows, and it is not
/// sent again here.
#[tokio::test(start_paused = true)]
async fn unknown_codes() {
    for code in ["SomethingNew", "E0001", "-1", "true"] {
        for status in [200, 400, 403, 409] {
            let once = |code| bad(1, code, AT_ONCE);
            let expect = [Code::UpstreamRejected, Code::UpstreamUnintelligible, Code::UpstreamUnintelligible].map(once);
            check_answer(status, &format!(r#"{{"Code":"{code}"}}"#), expect).await;
        }
    }
    for code in ["SystemError", "OrderProcessing", "500", "503"] {
        let once = || bad(1, Code::UpstreamUnavailable, AT_ONCE);
        let expect = [bad(3, Code::UpstreamUnavailable, TWO_PAUSES), once(), once()];
        check_answer(200, &format!(r#"{{"Code":"{code}"}}"#), expect).await;
    }
}

/// A gateway that gave up waiting: the call may have gone on behind it.
#[tokio::test(start_paused = true)]
async fn timeouts_of_others() {
    for (status, body) in [
        (408, ""),
        (408, r#"{"Code":"RequestTimeout"}"#),
        (504, "<html>"),
        (504, "{}"),
        (400, r#"{"Code":"ServiceTimeout"}"#),
        (200, r#"{"Code":"408"}"#),
    ] {
        let once = || bad(1, Code::UpstreamTimeout, AT_ONCE);
        check_answer(status, body, [bad(3, Code::UpstreamTimeout, TWO_PAUSES), once(), once()]).await;
    }
}

/// Refused without a code, doubted, and confirmed and refused at the same time.
#[tokio::test(start_paused = true)]
async fn refusals_in_disguise() {
    let once = |code| bad(1, code, AT_ONCE);
    let (refused, unclear) = (Code::UpstreamRejected, Code::UpstreamUnintelligible);
    check_answer(200, r#"{"success":0}"#, [refused, unclear, refused].map(once)).await;
    check_answer(200, r#"{"Message":"locked"}"#, [unclear, unclear, unclear].map(once)).await;
    let both = r#"{"Success":true,"Code":"OperationDenied.NoStock"}"#;
    check_answer(200, both, [Code::SoldOut, unclear, unclear].map(once)).await;
}
