use cloud::Observer;

use super::*;

#[test]
fn calls_are_counted_by_outcome_and_while_they_are_under_way() {
    let metrics = Metrics::new();
    for outcome in ["ok", "throttled", "abandoned"] {
        metrics.attempt_started("DescribeZones");
        metrics.attempt_ended("DescribeZones", outcome, Duration::from_millis(3));
    }
    metrics.attempt_started("DescribeZones");
    let text = metrics.encode();
    for line in [
        r#"deskbuy_upstream_calls_total{action="DescribeZones",outcome="ok"} 1"#,
        r#"deskbuy_upstream_calls_total{action="DescribeZones",outcome="throttled"} 1"#,
        r#"deskbuy_upstream_calls_total{action="DescribeZones",outcome="abandoned"} 1"#,
        "deskbuy_upstream_calls_in_flight 1",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in {text}");
    }
    metrics.attempt_ended("DescribeZones", "ok", Duration::ZERO);
    assert!(metrics.encode().contains("deskbuy_upstream_calls_in_flight 0\n"));
}

#[test]
fn orders_that_cannot_be_counted_are_not_shown() {
    let metrics = Metrics::new();
    metrics.set_orders(Some(&[(OrderState::Placed, 3)]));
    let text = metrics.encode();
    assert!(text.contains("deskbuy_orders{state=\"placed\"} 3\n") && text.contains("deskbuy_journal_up 1\n"), "{text}");
    metrics.set_orders(None);
    let text = metrics.encode();
    assert!(!text.contains("deskbuy_orders{") && text.contains("deskbuy_journal_up 0\n"), "{text}");
}
