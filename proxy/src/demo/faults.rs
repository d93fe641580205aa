//! `/demo`, where the demo's banner leads: faults of the simulated cloud to click through, each with what to try and what to
//! see, and the way to the page where orders are approved. The demo is open to whoever reaches it, and so is this; the simulator
//! itself has many more faults.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use maud::{Markup, html};
use shared::language::Language;
use simulator::{Scenario, Simulator};
use url::Url;

use super::provider::{APPROVER, BUYER, of};
use crate::http::{plain_page, reader_language};

/// The path.
const PATH: &str = "/demo";
/// The member of the form.
const SCENARIO: &str = "scenario";

/// A fault to click.
struct Fault {
    /// The simulator's scenario; nothing where all is well.
    scenario: &'static str,
    /// What happens, in Chinese and in English.
    what: [&'static str; 2],
    /// What to try, and what is seen then.
    see: [&'static str; 2],
}

const FAULTS: &[Fault] = &[
    Fault {
        scenario: "",
        what: ["一切正常", "All is well"],
        see: ["下单后很快成功。", "An order is placed within a moment."],
    },
    Fault {
        scenario: "sold-out-at-purchase",
        what: ["提交时售罄", "Sold out at the purchase"],
        see: [
            "库存显示有货，但提交订单时已售罄：订单未完成，没有购买任何桌面，并给出可用的替代选择。",
            "Stock is shown, and gone when the order arrives: the order is rejected, nothing is bought, and the order says what to do.",
        ],
    },
    Fault {
        scenario: "slow",
        what: ["云端响应缓慢", "A slow cloud"],
        see: [
            "每次应答需要 1.5 秒：页面逐步显示，可以照常选择和下单。",
            "Each answer takes 1.5 seconds: the page shows what it has, and you can choose and order meanwhile.",
        ],
    },
    Fault {
        scenario: "commit-then-drop",
        what: ["应答丢失", "A lost answer"],
        see: [
            "云端已经购买，但连接中断，没有应答：系统用同一令牌再次发送，只购买一台桌面，订单成功。",
            "The cloud buys, and the connection breaks before it says so: the order is sent again with its token, one desktop is bought, and the order is placed.",
        ],
    },
    Fault {
        scenario: "hang:CreateDesktop",
        what: ["一直没有应答", "No answer at all"],
        see: [
            "云端收到订单后不再应答：到订单期限后显示为结果待确认，由管理员核实；不会自动重复购买。",
            "The cloud takes the order and never answers: at the order's deadline it is unresolved, and an administrator has to look. Nothing is bought again by itself.",
        ],
    },
];

struct Faults {
    simulator: Simulator,
    /// The path of the page, with slashes around.
    base: String,
    /// What ends at the deadline of an order, in seconds.
    order_deadline: u64,
    /// The link to the page with sign-in.
    approval: String,
}

/// The route, for a page at this address. `approval` is the link to the page with sign-in.
pub(super) fn router(
    simulator: Simulator,
    address: Option<&Url>,
    order_deadline: Duration,
    approval: String,
) -> Router {
    let base = address.map_or("/", Url::path).to_owned();
    let faults = Arc::new(Faults { simulator, base, order_deadline: order_deadline.as_secs(), approval });
    Router::new().route(PATH, get(page).post(choose)).with_state(faults)
}

async fn page(State(faults): State<Arc<Faults>>, headers: HeaderMap) -> Response {
    let language = reader_language(&headers);
    let title = match language {
        Language::Chinese => "演示：出错时会怎样",
        Language::English => "Demo: what happens when things go wrong",
    };
    plain_page(StatusCode::OK, language, &faults.base, title, &view(&faults, language))
}

/// Switches to one of the faults, and back to the page by `GET`.
async fn choose(State(faults): State<Arc<Faults>>, body: String) -> Response {
    let chosen = form_urlencoded::parse(body.as_bytes()).find(|(name, _)| name == SCENARIO).map(|(_, value)| value);
    let Some(fault) = FAULTS.iter().find(|fault| chosen.as_deref() == Some(fault.scenario)) else {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    };
    faults.simulator.set_scenarios(fault.scenario.parse::<Scenario>().into_iter().collect());
    let to = format!("{}{}", faults.base, PATH.trim_start_matches('/'));
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
}

fn view(faults: &Faults, language: Language) -> Markup {
    let of = |texts: [&'static str; 2]| of(language, texts);
    let active = faults.simulator.state().scenarios;
    let is_on =
        |fault: &Fault| active.iter().map(String::as_str).eq(Some(fault.scenario).filter(|name| !name.is_empty()));
    html! {
        p { (of([
            "请选择模拟云端的一种状况，然后回到页面购买一台桌面。不会产生真实的购买。",
            "Choose what the simulated cloud does, then go back and buy a desktop. Nothing is bought for real.",
        ])) }
        @for fault in FAULTS {
            form method="post" action=(format!("{}demo", faults.base)) aria-current=[is_on(fault).then_some("true")] {
                h2 { (of(fault.what)) @if is_on(fault) { " · " (of(["当前", "now"])) } }
                p {
                    (of(fault.see))
                    @if fault.scenario.starts_with("hang") {
                        " " (of(["期限（秒）：", "The deadline, in seconds: "])) (faults.order_deadline)
                    }
                }
                input type="hidden" name=(SCENARIO) value=(fault.scenario);
                button aria-label=(format!("{}: {}", of(["选择", "Choose"]), of(fault.what))) { (of(["选择", "Choose"])) }
            }
        }
        (approval(&faults.approval, language))
        p { a href=(faults.base) { (of(["返回页面", "Back to the page"])) } }
    }
}

/// What there is to try where people sign in. Its page opens in a window of its own, so that this stays in sight.
fn approval(page: &str, language: Language) -> Markup {
    let (title, open) = (of(language, ["审批", "Approval"]), of(language, ["打开", "Open"]));
    let (buyer, approver) = (BUYER.name(language), APPROVER.name(language));
    let steps = match language {
        Language::Chinese => [
            format!(
                "打开该页面，以{buyer}的身份登录并下单：订单显示为待审批，此时没有购买任何桌面，{buyer}也不能自己批准。"
            ),
            format!("点击“退出”，再以{approver}的身份登录，通过“审批”打开该订单并批准。"),
            format!("订单随即执行，显示成功；记录中写明由谁批准。{approver}也可以驳回，驳回后不会购买。"),
        ],
        Language::English => [
            format!(
                "Open it, sign in as {buyer}, and order a desktop: it waits for an approver. Nothing is bought yet, and {buyer} cannot approve it."
            ),
            format!("Sign out, and sign in as {approver}. The link Approvals leads to the order: approve it."),
            format!(
                "The order goes on and is placed, and its history says who approved it. {approver} can decline it too; then nothing is bought."
            ),
        ],
    };
    html! {
        section {
            h2 { (title) }
            p { (of(language, [
                "在另一个页面上，用户需要登录，每个订单都要由他人批准后才会购买。",
                "On a page of its own people sign in, and every order waits until somebody else has approved it.",
            ])) }
            ol { @for step in steps { li { (step) } } }
            a href=(page) target="_blank" aria-label=(format!("{open}: {title}")) { (open) }
        }
    }
}
