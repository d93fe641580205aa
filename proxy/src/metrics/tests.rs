use super::*;

#[test]
fn a_call_that_nobody_waits_for_is_counted_too() {
    let metrics = Metrics::new();
    metrics.call("DescribeZones").end(None);
    metrics.call("DescribeZones").end(Some(Code::Throttled));
    drop(metrics.call("DescribeZones"));
    let under_way = metrics.call("DescribeZones");
    let text = metrics.encode();
    for line in [
        r#"deskbuy_upstream_calls_total{action="DescribeZones",outcome="ok"} 1"#,
        r#"deskbuy_upstream_calls_total{action="DescribeZones",outcome="throttled"} 1"#,
        r#"deskbuy_upstream_calls_total{action="DescribeZones",outcome="abandoned"} 1"#,
        "deskbuy_upstream_calls_in_flight 1",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in {text}");
    }
    drop(under_way);
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
